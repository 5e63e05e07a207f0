import type { SubjectName } from './client/main.ts';
import type { Row } from './plan.ts';
import type { Outcome, RowResult } from './results.ts';
import type { Spread } from './statistics.ts';

/** What each subject is called where people read it. */
export const NAMES: Readonly<Record<SubjectName, string>> = {
  raw: 'ws',
  limit: 'ws + JSON.parse',
  hand: 'ws + JSON.parse, handed on',
  libraries: 'zod, undici and ws',
  rawBot: 'raw bot',
  old: 'node-agent-sdk',
  mended: 'node-agent-sdk, mended',
  shim: '@lp/node-agent-sdk',
  oldExample: 'node-agent-sdk 1.4.11',
  shimExample: '@lp/node-agent-sdk',
  sdk: '@lp/agent',
  unawaited: '@lp/agent, not awaited',
  virtual: '@lp/agent',
};

/** One row as lines of text: a line for each subject, one for each target. */
export function describeRow(row: Row, { figures, targets, title }: RowResult): string {
  const lines = row.subjects.map((subject) => {
    const shown = Object.entries(row.shows).map(([name, unit]) => `${inFigures(figures[subject]?.[name])} ${unit}`);
    return `  ${NAMES[subject].padEnd(24)}${shown.join('  ')}`;
  });
  return [title, ...lines, ...targets.map((target) => `  ${describeTarget(target)}`)].join('\n');
}

/** All targets as a table in Markdown. */
export function targetTable(rows: readonly RowResult[]): string {
  const head = '| work | figure | target | measured | spread | |\n|---|---|---|---|---|---|';
  const lines = rows.flatMap(({ title, targets }) =>
    targets.map(
      (target) =>
        `| ${title} | ${figureOf(target)} | ${boundOf(target)} | ${round(target.value.median)} | ${round(target.value.low)}–${round(target.value.high)} | ${target.met ? 'met' : '**missed**'} |`,
    ),
  );
  return [head, ...lines].join('\n');
}

function describeTarget(target: Outcome): string {
  const { low, high } = target.value;
  const met = target.met ? 'met   ' : 'MISSED';
  return `${met} ${figureOf(target)} ${round(target.value.median)} (${round(low)}–${round(high)}), wanted ${boundOf(target)}`;
}

function figureOf({ figure, against, of }: Outcome): string {
  const whose = of === 'unawaited' ? `${figure}, not awaited` : figure;
  return against === undefined ? whose : `${whose} / ${NAMES[against]}`;
}

function boundOf({ least, most }: Outcome): string {
  return least === undefined ? `≤ ${most}` : `≥ ${least}`;
}

function inFigures(spread: Spread | undefined): string {
  if (!spread) return '–';
  return `${round(spread.median)} (${round(spread.low)}–${round(spread.high)})`;
}

/** Three significant figures, no more: the rest is noise. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
