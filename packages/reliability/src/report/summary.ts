import type { FaultSummary, Measured, MeasuredFaultRow, SecondResult, SecondSummary } from './results.ts';

/** What git keeps of the results of a campaign. */
export function summaryOf(result: Measured[keyof Measured]): unknown {
  if (isFaults(result)) return result.map(faultSummary);
  return 'talks' in result ? secondSummary(result) : result;
}

/** A summary as text: a row a line, so that a change of it can be read. */
export function summaryText(summary: unknown): string {
  if (Array.isArray(summary)) return `${rows(summary, '')}\n`;
  const fields = Object.entries(summary as object).map(([name, value]: [string, unknown]) => {
    const text = Array.isArray(value) ? rows(value, '  ') : JSON.stringify(value);
    return `  ${JSON.stringify(name)}: ${text}`;
  });
  return `{\n${fields.join(',\n')}\n}\n`;
}

function rows(list: readonly unknown[], indent: string): string {
  return `[\n${list.map((row) => `${indent}  ${JSON.stringify(row)}`).join(',\n')}\n${indent}]`;
}

function isFaults(result: unknown): result is readonly MeasuredFaultRow[] {
  return Array.isArray(result) && result.every((row: object) => 'unordered' in row);
}

function secondSummary({ runs, ...result }: SecondResult): SecondSummary {
  const strikes: Record<string, number> = {};
  for (const run of runs) {
    for (const [name, times] of Object.entries(run.strikes)) strikes[name] = (strikes[name] ?? 0) + times;
  }
  const kept = runs.map(({ seed, messages, lost, twice, unordered, reconnects, logins, ends, quietSeconds }) => {
    return { seed, messages, lost, twice, unordered, reconnects, logins, ends, quietSeconds };
  });
  return { ...result, strikes, runs: kept };
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
