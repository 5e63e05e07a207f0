import { Secret } from '@lp/core';
import { readCookie } from '#platform';
import type { HttpResponse } from './http-response.ts';
import type { SetCookie } from './set-cookie.ts';

interface Kept {
  readonly name: string;
  readonly value: Secret;
  /** When it runs out, in milliseconds since the epoch; Infinity: with the session. */
  readonly until: number;
}

/** The cookies of one session, by name: they go back to the service that set them only, for as long as it said. */
export class CookieJar {
  readonly #cookies = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Takes a `Cookie` header's text: `name=value; name=value`. */
  static from(header: string): CookieJar {
    const jar = new CookieJar();
    for (const pair of header.split(';')) {
      const equals = pair.indexOf('=');
      if (equals > 0) jar.set(pair.slice(0, equals).trim(), pair.slice(equals + 1).trim());
    }
    return jar;
  }

  /**
   * Takes the `Set-Cookie` lines of a response; an expired or empty one removes what it names. `Expires` counts from the
   * `Date` of the response, where it has one: this machine's clock may be hours off.
   */
  async take(headers: HttpResponse['headers']): Promise<void> {
    const respondedAt = Date.parse(String(headers['date']));
    for (const line of [headers['set-cookie'] ?? []].flat()) {
      const cookie = await readCookie(line);
      if (!cookie || cookie.name === '') continue;
      const now = this.#now();
      const until = endOf(cookie, now, Number.isNaN(respondedAt) ? now : respondedAt);
      if (cookie.value === '' || until <= now) this.#cookies.delete(cookie.name.toLowerCase());
      else this.set(cookie.name, cookie.value, until);
    }
  }

  // Hosts spell `Session_id` and `session_id`; both mean one cookie.
  set(name: string, value: string, until = Infinity): void {
    this.#cookies.set(name.toLowerCase(), { name, value: new Secret(value), until });
  }

  has(name: string): boolean {
    return this.#cookies.has(name.toLowerCase());
  }

  /** The `Cookie` header; undefined when there are none. */
  header(): string | undefined {
    const now = this.#now();
    const valid = [...this.#cookies.values()].filter(({ until }) => until > now);
    return valid.length === 0 ? undefined : valid.map(({ name, value }) => `${name}=${value.reveal()}`).join('; ');
  }
}

/** `Max-Age` comes before `Expires`, as browsers have it. */
function endOf({ maxAge, expires }: SetCookie, now: number, respondedAt: number): number {
  if (maxAge !== undefined) return now + maxAge * 1_000;
  if (expires === undefined) return Infinity;
  const at = Number(expires);
  return Number.isNaN(at) ? Infinity : now + (at - respondedAt);
}
