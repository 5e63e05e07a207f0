/** A cookie as its server set it, as far as this client heeds it: it goes back to that service alone. */
export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** In seconds. */
  readonly maxAge?: number;
  readonly expires?: Date;
}

// Nobody may put these into a header.
const CONTROL = /[^\P{Cc}\t]/u;

/** Reads a `Set-Cookie` line, as RFC 6265 says; null for one that sets nothing. */
export function parseSetCookie(line: string): SetCookie | null {
  const [pair = '', ...attributes] = line.split(';');
  const equals = pair.indexOf('=');
  if (equals < 0 || CONTROL.test(line)) return null;
  let cookie: SetCookie = { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim() };
  for (const attribute of attributes) {
    const [name = '', ...rest] = attribute.split('=');
    const value = rest.join('=').trim();
    const key = name.trim().toLowerCase();
    if (key === 'max-age' && /^-?\d+$/.test(value)) cookie = { ...cookie, maxAge: Number(value) };
    else if (key === 'expires' && !Number.isNaN(Date.parse(value))) cookie = { ...cookie, expires: new Date(value) };
  }
  return cookie;
}
