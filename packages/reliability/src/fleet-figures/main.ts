// Measures a fleet, without the strikes: less than five minutes. The figures take the place of those of the last campaign.
import { FIGURE_SIZES, figureFailures, figureRows, runFigures } from '../fleet/figures.ts';
import { asked, conclude, progress, readResults } from '../report/campaign.ts';

const program = process.env['LP_FLEET_WORKER'] ?? '';
const { seed, sizes, isShort } = asked(FIGURE_SIZES);
const figures = await runFigures(sizes, { program, seed }, progress);
const rows = figureRows(figures);
progress(`\n${figures.cores} cores, load before: ${figures.loadBefore}`);
for (const { isReached, measured, prototype, wanted, what } of rows)
  progress(
    `${isReached ? 'reached    ' : 'NOT reached'} ${what}\n            ${measured}   wanted ${wanted}   prototype ${prototype}`,
  );
const { fleet } = readResults();
if (fleet) conclude('fleet', { ...fleet, figures }, figureFailures(figures), isShort);
