import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withMeasured } from './document.ts';
import { runGate } from './gate.ts';
import { planOf, type Row, sideRowsOf } from './plan.ts';
import { Platform } from './platform.ts';
import { plotsOf } from './plots.ts';
import { describeRow, round, targetTable } from './report.ts';
import type { Results } from './results.ts';
import { runPlan } from './run-plan.ts';
import { summaryText } from './summary.ts';

const RESULTS = new URL('../results/latest.json', import.meta.url);
// Every digit that was measured; not in git.
const RAW = new URL('../../../.cache/bench/latest.json', import.meta.url);
const PLOTS = new URL('../../../docs/performance/', import.meta.url);
const DOCUMENT = new URL('../../../docs/performance.md', import.meta.url);
const HELP = `npm run bench -- [options]
  --quick         small sizes, one round: a look in under a minute; nothing is written
  --only a,b      only rows whose id begins so; nothing is written
  --gate          the check that CI runs: the SDK against the bare limit
  --document      write the document and the plots of the results that are kept again`;

const say = (text: string) => process.stdout.write(`${text}\n`);

async function bench({ quick, only }: { quick: boolean; only: readonly string[] | undefined }): Promise<void> {
  const wanted = ({ id }: Row) => only?.some((start) => id.startsWith(start)) ?? true;
  const scale = quick ? 'quick' : 'full';
  const plan = [...planOf(scale), ...(only ? sideRowsOf(scale) : [])].filter(wanted);
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
}

async function gate(): Promise<boolean> {
  const platform = await Platform.start();
  try {
    const verdicts = await runGate(platform);
    for (const { title, ratio, most, passed } of verdicts) {
      say(`${passed ? 'ok  ' : 'FAIL'} ${title}: ${round(ratio)} times the bare limit's, at most ${most} allowed`);
    }
    return verdicts.every(({ passed }) => passed);
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
    document: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) say(HELP);
else if (values.document) document(JSON.parse(readFileSync(RESULTS, 'utf8')) as Results);
else if (values.gate) process.exitCode = (await gate()) ? 0 : 1;
else await bench({ quick: values.quick, only: values.only?.split(',') });
