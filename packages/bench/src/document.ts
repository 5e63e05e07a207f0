import type { SubjectName } from './client/main.ts';
import { NAMES, round, targetTable } from './report.ts';
import type { Results, RowResult } from './results.ts';

const BEGIN = '<!-- measured by `npm run bench`: do not edit -->';
const END = '<!-- end of what was measured -->';

/** A document with what a run measured put between its two marks. Throws when they are missing. */
export function withMeasured(document: string, results: Results): string {
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`the document lacks ${BEGIN} or ${END}`);
  return `${before}${BEGIN}\n\n${measured(results)}\n\n${END}${after}`;
}

function measured({ at, node, cpu, cores, rows }: Results): string {
  const of = (pattern: RegExp) => rows.filter(({ id }) => pattern.test(id));
  return [
    `Run of ${at.slice(0, 10)}, Node.js ${node.slice(1)}, ${cores} cores (${cpu}). Medians; the spread of each target is in the last table.`,
    '### Receiving: µs of client CPU each',
    table(of(/^(messages|changes)/), { cpuUs: '' }),
    '![What receiving costs](performance/receiving.svg)',
    '### Requests: answered per second, µs of client CPU each, 99th percentile',
    table(of(/^(getClock|publishEvent)/), { perSecond: '/s', cpuUs: ' µs', p99Ms: ' ms' }),
    '![Requests answered](performance/requests.svg)',
    '### Bots: µs of the bot’s CPU for an echo',
    table(of(/^echo/), { cpuUs: '' }),
    '![What an echo costs](performance/echo.svg)',
    '### Many conversations, and the way to the first',
    table(of(/^start/), { wallMs: ' ms', cpuMs: ' ms CPU', peakMb: ' MB at most', queries: ' queries' }),
    table(of(/^connect/), { importMs: ' ms import', connectMs: ' ms connect', rssMb: ' MB resident' }),
    table(of(/^idle/), { streamBytes: ' bytes for the stream', lastNotificationBytes: ' for the last notification' }),
    table(of(/^reconnect/), { wallMs: ' ms to all live', queries: ' queries', mostQueriesAtOnce: ' at once' }),
    table(of(/^soak/), { costGrowth: ' times the cost at the end', heapGrowth: ' times the heap' }),
    '### Targets',
    targetTable(rows),
  ].join('\n\n');
}

/** A line for each row, a column for each subject. */
function table(rows: readonly RowResult[], units: Readonly<Record<string, string>>): string {
  const subjects = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures) as SubjectName[]))];
  const lines = rows.map(({ title, figures }) => {
    const cells = subjects.map((subject) => {
      const spreads = figures[subject];
      if (!spreads) return '–';
      return Object.entries(units)
        .map(([figure, unit]) => `${round(spreads[figure]?.median ?? Number.NaN)}${unit}`)
        .join(', ');
    });
    return `| ${[title, ...cells].join(' | ')} |`;
  });
  const head = ['work', ...subjects.map((subject) => NAMES[subject])];
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...lines].join('\n');
}
