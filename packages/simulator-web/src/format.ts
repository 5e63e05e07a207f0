const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const exact = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hour12: false,
});
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

export const exactTime = (at: number): string => exact.format(at);
export const shortTime = (at: number): string => time.format(at);

/** The time of today, the day of all else. */
export function when(at: number): string {
  return new Date(at).toDateString() === new Date().toDateString() ? time.format(at) : day.format(at);
}

/** Up to two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  return (words[0]?.charAt(0) ?? '?').concat(words[1]?.charAt(0) ?? '').toUpperCase();
}

/** One of six colours, always the same for a name. */
export function hue(name: string): string {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 6_000;
  return `hue-${sum % 6}`;
}

/** An address that may be opened: http and https only. */
export function safeUrl(address: unknown): string | undefined {
  if (typeof address !== 'string') return undefined;
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}

export function count(n: number, what: string): string {
  return `${n.toLocaleString()} ${what}${n === 1 ? '' : 's'}`;
}
