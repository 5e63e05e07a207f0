import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withMeasured, withMemory } from './document.ts';
import { runGate } from './gate.ts';
import { planOf, type Row, runtimeRowsOf, sideRowsOf } from './plan.ts';
import { Platform } from './platform.ts';
import { plotsOf } from './plots.ts';
import { describeRow, NAMES, round, targetTable } from './report.ts';
import type { Results } from './results.ts';
import { runOnce, runPlan } from './run-plan.ts';
import { describeRuntimeRow, runOnRuntimes } from './runtimes.ts';
import { summaryText } from './summary.ts';

const RESULTS = new URL('../results/latest.json', import.meta.url);
// Every digit that was measured; not in git.
const RAW = new URL('../../../.cache/bench/latest.json', import.meta.url);
const PLOTS = new URL('../../../docs/performance/', import.meta.url);
const DOCUMENT = new URL('../../../docs/performance.md', import.meta.url);
const GUIDE = new URL('../../../docs/deploying.md', import.meta.url);
const HELP = `npm run bench -- [options]
  --quick         small sizes, one round: a look in under a minute; nothing is written
  --only a,b      only rows whose id begins so; nothing is written
  --gate          the check that CI runs: the SDK against what cannot be faster
  --runtimes      the ratios on other versions of Node.js beside those of this one; nothing is written. With --quick,
                  --only or --rounds of fewer rows, or shorter
  --rounds n      at most so many rounds of each row
  --document      write the documents and the plots of the last run again`;

const say = (text: string) => process.stdout.write(`${text}\n`);

interface Wish {
  readonly quick: boolean;
  readonly only: readonly string[] | undefined;
  readonly rounds: number;
}

/** The rows that are wished for, each in as many rounds. */
function chosenOf(rows: readonly Row[], { only, rounds }: Wish): Row[] {
  return rows
    .filter(({ id }) => only?.some((start) => id.startsWith(start)) ?? true)
    .map((row) => ({ ...row, rounds: Math.min(row.rounds, rounds) }));
}

async function bench(wish: Wish): Promise<void> {
  const { only, quick } = wish;
  const scale = quick ? 'quick' : 'full';
  const plan = chosenOf([...planOf(scale), ...(only ? sideRowsOf(scale) : [])], wish);
  const platform = await Platform.start();
  try {
    const results = await runPlan(platform, plan, (result) => {
      const row = plan.find(({ id }) => id === result.id) as Row;
      say(`${describeRow(row, result)}\n`);
    });
    say(targetTable(results.rows));
    if (quick || only) return;
    write(RAW, `${JSON.stringify(results, null, 1)}\n`);
    write(RESULTS, summaryText(results));
    document(JSON.parse(readFileSync(RESULTS, 'utf8')) as Results);
  } finally {
    await platform[Symbol.asyncDispose]();
  }
}

function document(results: Results): void {
  for (const [name, svg] of Object.entries(plotsOf(results.rows))) write(new URL(name, PLOTS), svg);
  write(DOCUMENT, withMeasured(readFileSync(DOCUMENT, 'utf8'), results));
  write(GUIDE, withMemory(readFileSync(GUIDE, 'utf8'), results));
}

/** The ratios on other runtimes, given by their paths. */
async function compareRuntimes(paths: readonly string[], wish: Wish): Promise<void> {
  const platform = await Platform.start();
  const nodes = [process.execPath, ...paths];
  const versions = nodes.map((node) => spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim());
  try {
    await runOnRuntimes(
      (subject, row, how) => runOnce(platform, row, subject, how),
      chosenOf(runtimeRowsOf(wish.quick ? 'quick' : 'full'), wish),
      nodes,
      (row) => say(describeRuntimeRow(row, versions)),
    );
  } finally {
    await platform[Symbol.asyncDispose]();
  }
}

async function gate(): Promise<boolean> {
  const platform = await Platform.start();
  try {
    return await runGate(platform, ({ against, title, value, most, passed }) => {
      const by = against === undefined ? '' : ` times that of ${NAMES[against]}`;
      say(`${passed ? 'ok  ' : 'FAIL'} ${title}: ${round(value)}${by}, at most ${round(most)} allowed`);
    });
  } finally {
    await platform[Symbol.asyncDispose]();
  }
}

function write(file: URL, text: string): void {
  mkdirSync(dirname(fileURLToPath(file)), { recursive: true });
  writeFileSync(file, text);
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    gate: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '99' },
    runtimes: { type: 'string' },
    document: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const wish: Wish = { quick: values.quick, only: values.only?.split(','), rounds: Number(values.rounds) };
if (values.help) say(HELP);
else if (values.document) document(JSON.parse(readFileSync(RESULTS, 'utf8')) as Results);
else if (values.runtimes !== undefined) await compareRuntimes(values.runtimes.split(','), wish);
else if (values.gate) process.exitCode = (await gate()) ? 0 : 1;
else await bench(wish);
