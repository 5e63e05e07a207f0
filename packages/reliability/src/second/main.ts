import { asked, conclude, progress } from '../report/campaign.ts';
import { runSecond, type SecondRun } from './run-second.ts';

const { seed, sizes, isShort } = asked({ runs: 40, talks: 8, seconds: 150 });
const startedAt = performance.now();
const runs: SecondRun[] = [];
for (let n = 0; n < sizes.runs; n++) {
  const run = await runSecond({ seed: seed + n, talks: sizes.talks, seconds: sizes.seconds });
  runs.push(run);
  progress(
    `${run.failures.length > 0 ? 'FAILED' : 'ok'} ${run.seed}: ${run.messages} messages, ${run.reconnects} reconnects ${run.failures.join('; ')}`,
  );
}
const realSeconds = Math.round((performance.now() - startedAt) / 1_000);
conclude(
  'second',
  { seed, ...sizes, realSeconds, runs },
  runs.flatMap((run) => run.failures.map((failure) => `seed ${run.seed}: ${failure}`)),
  isShort,
);
