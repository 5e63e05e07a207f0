import { asked, conclude, keep, progress, readResults } from '../report/campaign.ts';
import { type FleetChaosOptions, runFleetChaos } from './chaos.ts';
import { runDefences } from './defences.ts';
import { FIGURE_SIZES, type FigureSizes, figureFailures, figureRows, runFigures } from './figures.ts';
import type { LabOptions } from './lab.ts';
import type { Defence } from './setting.ts';

interface Sizes {
  readonly chaos: Omit<FleetChaosOptions, 'program' | 'seed'>;
  readonly defences: Omit<LabOptions, 'program' | 'seed'> & { readonly only?: readonly Defence[] };
  readonly figures: FigureSizes;
}

const program = process.env['LP_FLEET_WORKER'] ?? '';
const { seed, sizes, isShort } = asked<Sizes>({
  chaos: { ttlMs: 1_500, workers: 4, logins: 20, conversationsPerLogin: 3, strikes: 207, messagesPerSecond: 40 },
  defences: { ttlMs: 1_500, logins: 12, conversationsPerLogin: 3 },
  figures: FIGURE_SIZES,
});
const shared = { program, seed };
const chaos = await runFleetChaos({ ...sizes.chaos, ...shared, onProgress: progress });
const { fleet: before } = readResults();
// What has taken long is kept, whatever becomes of the rest.
if (before && !isShort) keep('fleet', { ...before, chaos });
progress('each defence alone');
const { only, ...lab } = sizes.defences;
const failures: string[] = [];
const onFailure = (text: string) => void failures.push(text);
const defences = await runDefences({ ...lab, ...shared }, { only, onFailure });
if (before && !isShort) keep('fleet', { ...before, chaos, defences });
const figures = await runFigures(sizes.figures, shared, progress);
failures.push(...figureFailures(figures));
const { lost, twice } = chaos;
if (lost + twice > 0) failures.push(`${lost} messages were lost and ${twice} answered twice`);
if (chaos.crashes > 0)
  failures.push(`${chaos.crashes} workers ended although nobody wanted it, or did not end when they were asked to`);
for (const { defence, most, with: withIt, without } of defences) {
  if (withIt > most) failures.push(`with every defence: ${defence} let ${withIt} through`);
  if (without <= most) failures.push(`without ${defence} no harm was done: nothing was tested`);
}
for (const { isReached, measured, wanted, what } of figureRows(figures))
  if (!isReached) progress(`not reached: ${what}: ${measured}, wanted ${wanted}`);
conclude('fleet', { chaos, defences, figures }, failures, isShort);
