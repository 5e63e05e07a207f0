import type { SubjectName } from './client/main.ts';
import { type BarGroup, drawBars } from './plot.ts';
import { NAMES } from './report.ts';
import type { RowResult } from './results.ts';

/** The plots of a run, by file name. */
export function plotsOf(rows: readonly RowResult[]): Readonly<Record<string, string>> {
  return {
    'receiving.svg': drawBars({
      title: 'What receiving costs',
      unit: 'µs of client CPU each, median and range',
      groups: groupsOf(rows, (id) => /^(messages|loops|changes)/.test(id), 'cpuUs'),
    }),
    'requests.svg': drawBars({
      title: 'Requests answered',
      unit: 'per second, median and range',
      groups: groupsOf(rows, (id) => /^(getClock|publishEvent)/.test(id), 'perSecond'),
    }),
    'echo.svg': drawBars({
      title: 'What an echo costs a bot',
      unit: 'µs of its CPU each, median and range',
      groups: groupsOf(rows, (id) => /^(echo|users)/.test(id), 'cpuUs'),
    }),
  };
}

function groupsOf(rows: readonly RowResult[], wanted: (id: string) => boolean, figure: string): BarGroup[] {
  return rows
    .filter(({ id }) => wanted(id))
    .map(({ title, figures }) => ({
      title,
      bars: Object.entries(figures).flatMap(([subject, spreads]) => {
        const spread = spreads[figure];
        if (!spread || !Number.isFinite(spread.median)) return [];
        return [{ label: NAMES[subject as SubjectName], value: spread.median, low: spread.low, high: spread.high }];
      }),
    }));
}
