import { asked, conclude, progress } from '../report/campaign.ts';
import { runBroken } from './broken.ts';
import { type FleetChaosOptions, runFleetChaos } from './chaos.ts';
import { type CostOptions, runCost } from './cost.ts';
import type { LabOptions } from './lab.ts';
import { type RestOptions, runRest } from './rest.ts';
import { type RollingOptions, runRolling } from './rolling.ts';
import { runTakeover, type TakeoverOptions } from './takeover.ts';

interface Sizes {
  readonly takeover: Omit<TakeoverOptions, 'program' | 'seed'>;
  readonly chaos: Omit<FleetChaosOptions, 'program' | 'seed'>;
  readonly broken: Omit<LabOptions, 'program' | 'seed'>;
  readonly rolling: Omit<RollingOptions, 'program' | 'seed'> | null;
  readonly cost: Omit<CostOptions, 'program' | 'seed'> | null;
  readonly rest: RestOptions | null;
}

const program = process.env['LP_FLEET_WORKER'] ?? '';
// The short form leaves the last three out: `null`.
const { seed, sizes, isShort } = asked<Sizes>({
  takeover: { ttlMs: 3_000, workers: 3, logins: 12, kills: 20 },
  chaos: { ttlMs: 1_500, workers: 4, logins: 20, conversationsPerLogin: 3, strikes: 200, messagesPerSecond: 40 },
  rolling: { ttlMs: 3_000, workers: 4, logins: 200, conversationsPerLogin: 1 },
  broken: { ttlMs: 1_500, logins: 6, conversationsPerLogin: 4 },
  cost: { logins: 10, conversationsPerLogin: 10, messages: 10_000 },
  rest: { workers: 20, logins: 500, ttlMs: 15_000, seconds: 20 },
});
const shared = { program, seed };
const chaos = await runFleetChaos({ ...sizes.chaos, ...shared, onProgress: progress });
progress('chaos is over; now kills');
const takeover = await runTakeover({ ...sizes.takeover, ...shared });
progress('now a defence that is switched off');
const broken = await runBroken({ ...sizes.broken, ...shared });
progress('now a rolling deployment');
const rolling = sizes.rolling ? await runRolling({ ...sizes.rolling, ...shared }) : undefined;
progress('now what it costs');
const cost = sizes.cost ? await runCost({ ...sizes.cost, ...shared }) : undefined;
const rest = sizes.rest ? await runRest(sizes.rest) : undefined;
const failures: string[] = [];
for (const [name, { lost, twice }] of Object.entries({ chaos, takeover, ...(rolling && { rolling }) }))
  if (lost + twice > 0) failures.push(`${name}: ${lost} messages were lost and ${twice} answered twice`);
if (broken.withGate > 0) failures.push('with its gate a worker that was frozen answered again');
if (broken.withoutGate === 0)
  failures.push('without its gate a worker that was frozen did no harm: nothing was tested');
conclude('fleet', { chaos, takeover, broken, rolling, cost, rest }, failures, isShort);
