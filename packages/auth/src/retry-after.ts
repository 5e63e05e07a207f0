// Longer values are junk (a time of day given as seconds, say) and would look like a hang.
const LONGEST_MS = 60 * 60_000;

/** What a `Retry-After` header asks for, in milliseconds: seconds or an HTTP date. Undefined when it cannot be read; an hour at most. */
export function parseRetryAfter(header: string | string[] | undefined, nowMs: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  // Date.parse takes nearly anything for a date; those of HTTP begin with the day's name.
  const date = /^[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : date - nowMs;
  return Number.isFinite(ms) ? Math.min(LONGEST_MS, Math.max(0, Math.ceil(ms))) : undefined;
}
