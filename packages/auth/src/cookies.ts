import { Secret } from '@lp/core';

/** The cookies of one session, by name. Attributes but deletion are ignored: they go back to the service that set them only. */
export class CookieJar {
  readonly #cookies = new Map<string, { name: string; value: Secret }>();

  /** Takes a `Cookie` header's text: `name=value; name=value`. */
  static from(header: string): CookieJar {
    const jar = new CookieJar();
    jar.take(header.split(';'));
    return jar;
  }

  /** Takes the `Set-Cookie` lines of an answer; an expired or empty one removes what it names. */
  take(setCookie: string | string[] | undefined): void {
    for (const line of [setCookie ?? []].flat()) {
      const [pair = '', ...attributes] = line.split(';');
      const equals = pair.indexOf('=');
      if (equals < 1) continue;
      const name = pair.slice(0, equals).trim();
      const value = pair.slice(equals + 1).trim();
      if (value === '' || attributes.some((attribute) => /^\s*max-age\s*=\s*(?:0|-\d+)\s*$/i.test(attribute))) {
        this.#cookies.delete(name.toLowerCase());
      } else {
        this.set(name, value);
      }
    }
  }

  // Hosts spell `Session_id` and `session_id`; both mean one cookie.
  set(name: string, value: string): void {
    this.#cookies.set(name.toLowerCase(), { name, value: new Secret(value) });
  }

  has(name: string): boolean {
    return this.#cookies.has(name.toLowerCase());
  }

  /** The `Cookie` header; undefined when there are none. */
  header(): string | undefined {
    if (this.#cookies.size === 0) return undefined;
    return [...this.#cookies.values()].map(({ name, value }) => `${name}=${value.reveal()}`).join('; ');
  }
}
