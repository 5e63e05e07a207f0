import { randomUUID } from 'node:crypto';
import { postgresEngine } from '@lp/fleet/postgres';
import { startPostgres } from '@lp/local-postgres';
import { Committer } from '../../../fleet/src/worker/committer.ts';
import { createElapsed } from '../../../fleet/src/worker/elapsed.ts';
import { pause } from './lab.ts';

export interface CommitsOptions {
  readonly perMinute: number;
  readonly seconds: number;
  readonly logins: number;
  readonly dialogsPerLogin: number;
}

/** How one worker's commits keep up with what is asked of them. */
export interface CommitsResult {
  readonly perMinute: number;
  readonly seconds: number;
  readonly commits: number;
  /** From the call to the commit being durable, in milliseconds. */
  readonly tookMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** How many commits waited when the last was asked for. */
  readonly behind: number;
  /** Processor time of the worker for a commit, in microseconds. */
  readonly cpuUs: number;
  /** Commits in a second when 50 are in flight at any time. */
  readonly mostPerSecond: number;
}

/** Commits as one worker does that handles so many messages a minute, to a database that keeps them durably. */
export async function runCommits({
  dialogsPerLogin,
  logins,
  perMinute,
  seconds,
}: CommitsOptions): Promise<CommitsResult> {
  await using database = await startPostgres();
  const engine = postgresEngine(database.url);
  await engine.open({ accountId: 'le1', callTimeoutMs: 5_000 });
  const incarnation = randomUUID();
  await engine.join({ incarnation, name: 'worker', ttlMs: 15_000 });
  const names = Array.from({ length: logins }, (_, i) => `bot-${i}@example.com`);
  const epochs = new Map((await engine.claim(incarnation, names)).map(({ login, epoch }) => [login, epoch]));
  const committer = new Committer({
    engine,
    elapsed: createElapsed(),
    incarnation: () => incarnation,
    pause: () => pause(100),
    onStale: (login) => {
      throw new Error(`${login} is stale`);
    },
  });
  const revisions = new Map<string, number>();
  let next = 0;
  const commit = (): Promise<void> => {
    const login = names[next % logins] as string;
    const dialogId = `${login}-${Math.floor(next / logins) % dialogsPerLogin}`;
    next++;
    const revision = (revisions.get(dialogId) ?? 0) + 1;
    revisions.set(dialogId, revision);
    const record = { revision, sequence: revision, ahead: [], said: -1, attempts: 0, data: {} };
    return committer.commit({ login, epoch: epochs.get(login) ?? 0, dialogId, record });
  };
  const took: number[] = [];
  const commitTimed = async (): Promise<void> => {
    const startedAt = performance.now();
    await commit();
    took.push(performance.now() - startedAt);
  };
  const [startedAt, idle] = [performance.now(), process.cpuUsage()];
  const all: Promise<void>[] = [];
  const wanted = () => (Math.min(seconds * 1_000, performance.now() - startedAt) * perMinute) / 60_000;
  while (performance.now() - startedAt < seconds * 1_000) {
    while (all.length < wanted()) all.push(commitTimed());
    await pause(5);
  }
  const behind = all.length - took.length;
  await Promise.all(all);
  const { system, user } = process.cpuUsage(idle);
  const cpuUs = Math.round((user + system) / all.length);
  const mostPerSecond = await runMost(commit);
  await engine.close();
  const sorted = took.toSorted((one, other) => one - other);
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  const tookMs = { p50: at(0.5), p99: at(0.99), max: at(1) };
  return { perMinute, seconds, commits: all.length, tookMs, behind, cpuUs, mostPerSecond };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

async function runMost(commit: () => Promise<void>): Promise<number> {
  const endsAt = performance.now() + 2_000;
  let count = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      await commit();
      count++;
    }
  };
  await Promise.all(Array.from({ length: 50 }, one));
  return Math.round(count / 2);
}
