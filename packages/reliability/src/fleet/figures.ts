import { cpus, loadavg } from 'node:os';
import { type BrandOptions, type BrandResult, runBrand } from './brand.ts';
import { type CommitsOptions, type CommitsResult, runCommits } from './commits.ts';
import { type CostOptions, type CostResult, runCost } from './cost.ts';
import { type RestOptions, type RestResult, runRest } from './rest.ts';
import { type RollingOptions, type RollingResult, runRolling } from './rolling.ts';
import { runTakeover, type TakeoverOptions, type TakeoverResult } from './takeover.ts';

type Own<T> = Omit<T, 'program' | 'seed'>;

/** Sizes of what is measured; `null` leaves one out. */
export interface FigureSizes {
  readonly takeover: Own<TakeoverOptions> | null;
  readonly rolling: Own<RollingOptions> | null;
  readonly brand: Own<BrandOptions> | null;
  readonly cost: Own<CostOptions> | null;
  readonly rest: RestOptions | null;
  readonly commits: CommitsOptions | null;
}

/** What was measured, and how busy the machine was with other things at the beginning. */
export interface Figures {
  readonly takeover: TakeoverResult | undefined;
  readonly rolling: RollingResult | undefined;
  /** Not there in figures that are older than it. */
  readonly brand?: BrandResult | undefined;
  readonly cost: CostResult | undefined;
  readonly rest: RestResult | undefined;
  readonly commits: CommitsResult | undefined;
  readonly cores: number;
  readonly loadBefore: number;
  /** What could not be measured, and why. */
  readonly failed?: readonly string[];
}

/** The sizes of the long form: less than five minutes together. */
export const FIGURE_SIZES: FigureSizes = {
  takeover: { ttlMs: 3_000, workers: 7, logins: 14, kills: 20 },
  rolling: { ttlMs: 3_000, workers: 4, logins: 200, conversationsPerLogin: 1 },
  brand: { ttlMs: 3_000, workers: 4, logins: 40, conversationsPerLogin: 250, messagesPerSecond: 50, seconds: 8 },
  cost: { logins: 10, conversationsPerLogin: 10, messages: 10_000 },
  rest: { workers: 20, logins: 500, ttlMs: 15_000, seconds: 15 },
  commits: { perMinute: 100_000, seconds: 15, logins: 50, dialogsPerLogin: 40 },
};

/** Measures one after the other. */
export async function runFigures(
  sizes: FigureSizes,
  shared: { readonly program: string; readonly seed: number },
  progress: (text: string) => void,
): Promise<Figures> {
  const [loadBefore = 0] = loadavg();
  const failed: string[] = [];
  const measure = async <S extends object, R>(
    what: string,
    size: S | null,
    run: (options: S & typeof shared) => Promise<R>,
  ): Promise<R | undefined> => {
    if (size === null) return undefined;
    progress(`measuring ${what}`);
    const startedAt = performance.now();
    // One that cannot be measured must not take the others with it.
    const result = await run({ ...size, ...shared }).catch(
      (error: Error) => void failed.push(`${what}: ${error.message}`),
    );
    progress(`  took ${Math.round((performance.now() - startedAt) / 1_000)} s`);
    return result ?? undefined;
  };
  const figures = {
    takeover: await measure('what a kill costs', sizes.takeover, runTakeover),
    rolling: await measure('a rolling deployment', sizes.rolling, runRolling),
    brand: await measure('a brand that loses a machine', sizes.brand, runBrand),
    cost: await measure('what a message costs', sizes.cost, runCost),
    rest: await measure('a fleet at rest', sizes.rest, runRest),
    commits: await measure('commits', sizes.commits, runCommits),
    cores: cpus().length,
    loadBefore: Math.round(loadBefore * 10) / 10,
  };
  return { ...figures, ...(failed.length > 0 && { failed }) };
}

/** A figure beside what is wanted. */
export interface FigureRow {
  readonly what: string;
  readonly measured: string;
  readonly wanted: string;
  /** What a prototype of this protocol had reached. */
  readonly prototype: string;
  readonly isReached: boolean;
}

/** What must not be, whatever the machine: messages lost or answered twice, and what could not be measured. */
export function figureFailures({ brand, failed = [], rolling, takeover }: Figures): string[] {
  const wrong = [takeover, rolling, brand].flatMap((part) => (part && part.lost + part.twice > 0 ? [part] : []));
  return [...failed, ...wrong.map(({ lost, twice }) => `${lost} messages were lost and ${twice} answered twice`)];
}

/** The figures as a table. */
export function figureRows({ brand, commits, cost, rest, rolling, takeover }: Figures): FigureRow[] {
  const rows: FigureRow[] = [];
  const add = (what: string, measured: string, wanted: string, prototype: string, isReached: boolean): void =>
    void rows.push({ what, measured, wanted, prototype, isReached });
  const addCounts = ({ lost, messages, twice }: { messages: number; lost: number; twice: number }): void =>
    add(
      'messages in it: said, lost, answered twice',
      `${messages}, ${lost}, ${twice}`,
      '0, 0',
      '0, 0',
      lost + twice === 0,
    );
  if (takeover) {
    const { buriedMs, claimedMs, kills, logins, onlineMs, tookMs, ttlMs, workers } = takeover;
    const most = tookMs.at(-1) ?? 0;
    add(
      `kill -9 to ONLINE elsewhere, TTL ${seconds(ttlMs)}, ${workers} workers with ${logins} logins, ${kills} kills: least / median / most`,
      spread(tookMs),
      `≤ ${seconds(ttlMs + 300)}`,
      '2.70 s / 2.80 s / 3.00 s',
      most <= ttlMs + 300,
    );
    add(
      'of that, until it was buried',
      spread(buriedMs),
      `≤ ${seconds(ttlMs + 100)}`,
      '–',
      (buriedMs.at(-1) ?? 0) <= ttlMs + 100,
    );
    add('from there until its last login was claimed', spread(claimedMs), '', '–', true);
    add('and until that was ONLINE', spread(onlineMs), '', '–', true);
    addCounts(takeover);
  }
  if (rolling) {
    const { leastMoves, logins, moves, offlineMs, workers } = rolling;
    add(
      `rolling deployment of ${workers} workers with ${logins} logins: moves / the least that any plan needs`,
      `${moves} / ${leastMoves} (× ${ratio(moves, leastMoves)})`,
      '≤ × 1.2',
      '115 / 50 (× 2.30)',
      moves <= 1.2 * leastMoves,
    );
    const { max, p50, p99 } = offlineMs;
    add(
      'a login is away for, median / 99 of 100 / most',
      `${p50} / ${p99} / ${max} ms`,
      'median ≤ 400 ms',
      '–',
      p50 <= 400,
    );
    addCounts(rolling);
  }
  if (brand) {
    const { answeredMs, conversations, logins, lostConversations, lostLogins, tookMs, ttlMs, workers } = brand;
    add(
      `${conversations} open conversations of ${logins} logins on ${workers} workers, TTL ${seconds(ttlMs)}; one with ${lostLogins} logins and ${lostConversations} conversations is killed: until all are ONLINE again`,
      seconds(tookMs),
      '–',
      '–',
      true,
    );
    addCounts(brand);
    add(
      'an answer takes, median / 99 of 100 / most',
      `${answeredMs.p50} / ${answeredMs.p99} / ${answeredMs.max} ms`,
      '–',
      '–',
      true,
    );
  }
  if (cost) {
    const { memoryUs, postgresUs } = cost;
    add(
      'processor time for a message: positions in memory / in PostgreSQL',
      `${memoryUs} / ${postgresUs} µs (× ${ratio(postgresUs, memoryUs)})`,
      '≤ × 1.2',
      '351 / 414 µs (× 1.18)',
      postgresUs <= 1.2 * memoryUs,
    );
  }
  if (rest) {
    const { logins, transactionsPerSecond, ttlMs, viewMs, workers } = rest;
    add(
      `${logins} logins on ${workers} workers at rest, TTL ${seconds(ttlMs)}: transactions a second; a view takes`,
      `${transactionsPerSecond}; ${viewMs} ms`,
      '< 300',
      '–',
      transactionsPerSecond < 300,
    );
  }
  if (commits) {
    const { behind, cpuUs, mostPerSecond, perMinute, tookMs } = commits;
    add(
      `${perMinute} commits a minute of one worker: median / 99 of 100 / most; waiting at the end`,
      `${tookMs.p50} / ${tookMs.p99} / ${tookMs.max} ms; ${behind}`,
      'not behind by 1 s',
      'p50 0.5–2 ms',
      behind < perMinute / 60,
    );
    add(
      'commits a second with 50 in flight; processor time for one',
      `${mostPerSecond}; ${cpuUs} µs`,
      `≥ ${Math.ceil(perMinute / 60)}`,
      '11600; 13 µs',
      mostPerSecond >= perMinute / 60,
    );
  }
  return rows;
}

/** The least, the median and the most of what is sorted. */
const spread = (sorted: readonly number[]): string =>
  [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((ms = 0) => seconds(ms)).join(' / ');
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
const ratio = (one: number, other: number): string => (one / other).toFixed(2);
