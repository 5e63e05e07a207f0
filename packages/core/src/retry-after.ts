import { LpError } from './errors.ts';

const LONGEST_MS = 60 * 60_000;

/**
 * What a `Retry-After` header asks for, in milliseconds: seconds, or an HTTP date. A date is measured against `date`,
 * the response's own, so that a machine whose clock is wrong waits as long as others do; without one against `nowMs`.
 * An hour at most: a mistake of the server must not deafen a service for years. Undefined when it cannot be read.
 */
export function parseRetryAfter(
  header: string | readonly string[] | undefined,
  nowMs: number,
  date?: string | readonly string[],
): number | undefined {
  const text = first(header);
  if (text === undefined) return undefined;
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1_000 : (httpDate(text) ?? Number.NaN) - sentAt(date, nowMs);
  return Number.isNaN(ms) ? undefined : Math.min(LONGEST_MS, Math.max(0, Math.ceil(ms)));
}

function sentAt(date: string | readonly string[] | undefined, nowMs: number): number {
  const text = first(date);
  return (text === undefined ? undefined : httpDate(text)) ?? nowMs;
}

// Date.parse takes nearly anything for a date; those of HTTP begin with the day's name and hold a time, and the oldest
// of their forms (that of asctime) names no zone: all are GMT, RFC 9110, 5.6.7.
function httpDate(text: string): number | undefined {
  const named = /\b(?:GMT|UTC?|Z|[+-]\d{4})$/i.test(text) ? text : `${text} GMT`;
  const ms = /^[a-z]{3,9},? .*\d\d:\d\d:\d\d/i.test(text) ? Date.parse(named) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function first(header: string | readonly string[] | undefined): string | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim();
  return text === '' ? undefined : text;
}

/**
 * What an error's `context.retryAfterMs` asks for, in milliseconds; 0 when it asks for nothing. An application's own error
 * may hold anything there: an hour at most, and what is no such number is set aside.
 */
export function retryAfterOf(error: unknown): number {
  const ms = LpError.isInstance(error) ? error.context['retryAfterMs'] : undefined;
  return typeof ms === 'number' && ms > 0 ? Math.min(LONGEST_MS, ms) : 0;
}
