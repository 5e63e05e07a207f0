import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { asked, conclude, progress } from '../report/campaign.ts';
import type { MeasuredFaultRow } from '../report/results.ts';
import { scenarios } from './all.ts';
import { runScenario } from './run-scenario.ts';
import type { FaultRow } from './scenario.ts';

const LONGEST_MS = 120_000;
const EXIT_LIMIT_MS = 100;

const [, program = '', option, id] = process.argv;

if (option === '--one') {
  await runOne(id ?? '');
} else {
  const { sizes, isShort } = asked({ inOneProcess: false });
  const rows: MeasuredFaultRow[] = [];
  for (const scenario of scenarios) {
    const row = sizes.inOneProcess
      ? { ...(await runScenario(scenario)), exitAfterMs: undefined }
      : await runApart(scenario.id);
    progress(
      `${row.failures.length > 0 ? 'FAILED' : 'ok'} ${row.id}: ${row.outcome} after ${row.afterMs / 1_000} s ${row.failures.join('; ')}`,
    );
    rows.push(row);
  }
  conclude(
    'faults',
    rows,
    rows.flatMap(({ id, failures }) => failures.map((failure) => `${id}: ${failure}`)),
    isShort,
  );
}

/** Runs one fault and prints its row, and how long the process lives on once everything is closed. */
async function runOne(id: string): Promise<void> {
  const scenario = scenarios.find((one) => one.id === id);
  if (!scenario) throw new Error(`there is no fault ${id}`);
  const row = await runScenario(scenario);
  const closedAt = performance.now();
  process.once('exit', () =>
    writeSync(1, `\n${JSON.stringify({ ...row, exitAfterMs: performance.now() - closedAt })}\n`),
  );
}

/** Each fault in a process of its own: what one leaves behind must not hide in what another one has opened. */
async function runApart(id: string): Promise<MeasuredFaultRow> {
  const child = spawn(process.execPath, [program, '--one', id], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', (exitCode) => resolve(exitCode)));
  const last = output.trim().split('\n').at(-1) ?? '';
  if (code !== 0 || last === '') throw new Error(`${id}: the process ended with ${code}`);
  const row = JSON.parse(last) as FaultRow & { exitAfterMs: number };
  const late = row.exitAfterMs > EXIT_LIMIT_MS ? [`the process ended ${Math.round(row.exitAfterMs)} ms later`] : [];
  return { ...row, failures: [...row.failures, ...late] };
}
