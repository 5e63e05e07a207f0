import { asked, conclude, progress } from '../report/campaign.ts';
import { type ExitRow, exitScenarios, runExit } from './run-exit.ts';

const { sizes, isShort } = asked({ limitMs: 100 });
const program = process.env['LP_EXITING_BOT'] ?? '';
const rows: ExitRow[] = [];
for (const scenario of exitScenarios) {
  const row = await runExit(scenario, program);
  progress(`${row.what}: ${Math.round(row.exitAfterMs)} ms`);
  rows.push(row);
}
const late = rows.filter(({ exitAfterMs, exitCode }) => !(exitAfterMs <= sizes.limitMs) || exitCode !== 0);
conclude(
  'exit',
  rows,
  late.map(({ what, exitAfterMs }) => `${what}: ${exitAfterMs} ms`),
  isShort,
);
