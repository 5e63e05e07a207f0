import type { Results } from './results.ts';

const DIGITS = 6;

/** What git keeps of a run: each figure to six digits, a row a line, so that a change of it can be read. */
export function summaryText({ rows, ...run }: Results): string {
  const head = JSON.stringify(run).slice(0, -1);
  return `${head},"rows":[\n${rows.map((row) => JSON.stringify(row, rounded)).join(',\n')}\n]}\n`;
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : value;
}
