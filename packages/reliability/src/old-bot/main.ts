import { asked, conclude, progress } from '../report/campaign.ts';
import { oldBotFaults } from './faults.ts';
import { type OldBotRow, runOldBotFault } from './run-fault.ts';
import type { OldBotPackage, Retry } from './world.ts';

const { sizes, isShort } = asked({
  scale: 1,
  limitMs: { old: 15_000, ours: 60_000 },
  packages: ['old', 'ours'] as OldBotPackage[],
  retries: ['at once'] as Retry[],
  atOnce: 3,
  ids: oldBotFaults.map(({ id }) => id),
});
const jobs = oldBotFaults
  .filter(({ id }) => sizes.ids.includes(id))
  .flatMap((fault) => sizes.packages.flatMap((name) => sizes.retries.map((retry) => ({ fault, name, retry }))));
const rows: OldBotRow[] = [];

/** Works through the faults; nearly all of their time is waiting. */
async function work(): Promise<void> {
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const row = await runOldBotFault(job.fault, job.name, job.retry, sizes);
    progress(
      `${row.failures.length > 0 ? 'FAILED' : 'ok'} ${row.id}, ${row.package}, ${job.retry}: ${row.outcome} after ${row.afterMs / 1_000} s, ${row.lost} of ${row.said} lost, ${row.twice} twice, ${row.logins} logins ${row.failures.join('; ')}`,
    );
    rows.push(row);
  }
}

await Promise.all(Array.from({ length: sizes.atOnce }, work));
const order = oldBotFaults.map(({ id }) => id);
rows.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
conclude(
  'old-bot',
  rows,
  rows.flatMap(({ id, failures }) => failures.map((failure) => `${id}: ${failure}`)),
  isShort,
);
