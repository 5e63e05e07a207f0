import type { SubjectName } from './client/main.ts';
import { NAMES, round, targetTable } from './report.ts';
import type { Results, RowResult } from './results.ts';

const BEGIN = '<!-- measured by `npm run bench`: do not edit -->';
const END = '<!-- end of what was measured -->';

/** The document of a run, with what it measured put between the two marks. @throws when they are missing. */
export function withMeasured(document: string, results: Results): string {
  return between(document, measured(results));
}

/** The guide for small containers, with the memory that the run took put between its marks. @throws when they are missing. */
export function withMemory(document: string, results: Results): string {
  return between(document, memory(results));
}

function between(document: string, text: string): string {
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`the document lacks ${BEGIN} or ${END}`);
  return `${before}${BEGIN}\n\n${text}\n\n${END}${after}`;
}

function measured(results: Results): string {
  const { rows } = results;
  const of = (pattern: RegExp) => rows.filter(({ id }) => pattern.test(id));
  return [
    `${machineOf(results)} Medians; the spread of each target is in its table.`,
    '### Targets',
    summaryOf(rows),
    targetTable(rows),
    '### Bots: µs of the bot’s CPU for an echo',
    table(of(/^(echo|users)/), { cpuUs: '' }),
    '![What an echo costs](performance/echo.svg)',
    '### The way to the first answer, and many conversations',
    table(of(/^connect/), {
      importMs: ' ms import',
      connectMs: ' ms connect',
      firstAnswerMs: ' ms to the first answer',
      rssMb: ' MB resident',
    }),
    table(of(/^(start|small-start)/), {
      wallMs: ' ms',
      cpuMs: ' ms CPU',
      peakMb: ' MB at most',
      queries: ' queries',
      told: ' times told',
    }),
    table(of(/^small-users/), { peakMb: ' MB at most', liveBytes: ' live bytes a conversation', cpuUs: ' µs an echo' }),
    table(of(/^idle/), { streamBytes: ' bytes for the stream', lastNotificationBytes: ' for the last notification' }),
    table(of(/^reconnect/), { wallMs: ' ms to all live', queries: ' queries', mostQueriesAtOnce: ' at once' }),
    table(of(/^soak/), { costGrowth: ' times the cost at the end', heapGrowth: ' times the heap' }),
    '### Receiving: µs of client CPU each',
    table(of(/^(messages|loops|changes)/), { cpuUs: '' }),
    '![What receiving costs](performance/receiving.svg)',
    '### Requests: answered per second, µs of client CPU each, 99th percentile',
    table(of(/^(getClock|publishEvent)/), { perSecond: '/s', cpuUs: ' µs', p99Ms: ' ms' }),
    '![Requests answered](performance/requests.svg)',
  ].join('\n\n');
}

/** What a process with this SDK had in memory at most, by what it did. */
function memory(results: Results): string {
  const ids = ['users', 'small-users', 'start', 'small-start'];
  const lines = results.rows
    .filter(({ id }) => ids.includes(id))
    .map(({ title, figures }) => `| ${title} | ${round(figures.sdk?.['peakMb']?.median ?? Number.NaN)} MB |`);
  return [machineOf(results), ['| work | resident at most |', '|---|---|', ...lines].join('\n')].join('\n\n');
}

function machineOf({ at, node, cpu, cores, memoryGb, system, versions }: Results): string {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Run of ${at.slice(0, 10)} on ${cores} cores (${cpu}), ${memoryGb} GB, ${system}, Node.js ${node.slice(1)}; ${packages.join(', ')}.`;
}

function summaryOf(rows: readonly RowResult[]): string {
  const all = rows.flatMap(({ targets }) => targets);
  const missed = all.filter(({ met }) => !met).length;
  return missed === 0
    ? `All ${all.length} were met.`
    : `${all.length - missed} of ${all.length} were met, ${missed} missed.`;
}

/** A line for each row, a column for each subject. */
function table(rows: readonly RowResult[], units: Readonly<Record<string, string>>): string {
  const subjects = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures) as SubjectName[]))];
  const lines = rows.map(({ title, figures }) => {
    const cells = subjects.map((subject) => {
      const spreads = figures[subject];
      if (!spreads) return '–';
      const known = Object.entries(units).filter(([figure]) => Number.isFinite(spreads[figure]?.median));
      return known.map(([figure, unit]) => `${round(spreads[figure]?.median ?? Number.NaN)}${unit}`).join(', ') || '–';
    });
    return `| ${[title, ...cells].join(' | ')} |`;
  });
  const head = ['work', ...subjects.map((subject) => NAMES[subject])];
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...lines].join('\n');
}
