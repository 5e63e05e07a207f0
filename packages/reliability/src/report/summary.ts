import type { FaultSummary, MeasuredFaultRow, Results } from './results.ts';

/** What git keeps of the results of a campaign. */
export function summaryOf(result: readonly MeasuredFaultRow[] | NonNullable<Results[keyof Results]>): unknown {
  return isFaults(result) ? result.map(faultSummary) : result;
}

/** A summary as text: a row a line, so that a change of it can be read. */
export function summaryText(summary: unknown): string {
  if (!Array.isArray(summary)) return `${JSON.stringify(summary, undefined, 2)}\n`;
  return `[\n${summary.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`;
}

function isFaults(result: unknown): result is readonly MeasuredFaultRow[] {
  return Array.isArray(result) && result.every((row: object) => 'unordered' in row);
}

function faultSummary(row: MeasuredFaultRow): FaultSummary {
  const { id, outcome, afterMs, lost, twice, unhandled, remains, failures, exitAfterMs } = row;
  return {
    id,
    outcome,
    afterMs,
    lost,
    twice,
    unhandled,
    ...(remains !== '' && { remains }),
    ...(failures.length > 0 && { failures }),
    ...(exitAfterMs !== undefined && { exitAfterMs: Math.round(exitAfterMs) }),
  };
}
