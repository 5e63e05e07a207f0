import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderReport } from './render.ts';
import type { Measured, Results } from './results.ts';
import { summaryOf, summaryText } from './summary.ts';

const folder = join('packages', 'reliability', 'results');
// Everything that was measured; not in git.
const RAW = join('.cache', 'reliability');
const NAMES: readonly (keyof Results)[] = [
  'faults',
  'exit',
  'fuzz',
  'chaos',
  'kills',
  'second',
  'soak',
  'crowd',
  'fleet',
  'old-bot',
];

/** What a campaign is asked for: its long form, whose results are kept, or other sizes, whose result is only printed. */
export interface Asked<Sizes> {
  readonly seed: number;
  readonly sizes: Sizes;
  readonly isShort: boolean;
}

/** Reads the command line: nothing, or sizes as JSON. `SEED` in the environment repeats a run. */
export function asked<Sizes extends object>(long: Sizes): Asked<Sizes> {
  // Whatever it has started ends with it, when it is stopped too.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const [given] = process.argv.slice(2);
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  process.stderr.write(`seed ${seed}\n`);
  const sizes = given === undefined ? long : { ...long, ...(JSON.parse(given) as Partial<Sizes>) };
  return { seed, sizes, isShort: given !== undefined };
}

/** Tells how it goes. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Prints a result for programs; the summary of a long form's is kept, and the document made anew. Fails when anything did not hold. */
export function conclude<N extends keyof Results>(
  name: N,
  result: Measured[N],
  failures: readonly string[],
  isShort: boolean,
): void {
  process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
  for (const failure of failures) progress(`FAILED: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
  if (!isShort) keep(name, result);
}

/** Keeps what a long form has found so far, and makes the document anew. */
export function keep<N extends keyof Results>(name: N, result: Measured[N]): void {
  for (const path of [folder, RAW]) mkdirSync(path, { recursive: true });
  writeFileSync(join(RAW, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
  writeFileSync(join(folder, `${name}.json`), summaryText(summaryOf(result)));
  writeFileSync(join('docs', 'reliability.md'), renderReport(readResults()));
}

/** The results that are kept. */
export function readResults(from: string = folder): Results {
  return Object.fromEntries(NAMES.map((name) => [name, read(join(from, `${name}.json`))])) as Results;
}

function read(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
