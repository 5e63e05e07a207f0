import { Secret } from '@lp/core';

/** A token of an application. `token` is read by name only: it is not shown by JSON, `util.inspect` or a log. */
export interface AppToken {
  /** The token itself. */
  readonly token: string;
  /** Milliseconds since the epoch; undefined when the authorization server did not say it in any way. */
  readonly expiresAt?: number | undefined;
}

/** An {@link AppToken} that keeps its secret to itself, and knows its age. */
export class ProtectedAppToken implements AppToken {
  declare readonly expiresAt?: number;
  readonly #token: Secret;
  readonly #obtainedAt: number;
  readonly #lifetimeMs: number;

  constructor(token: string, obtainedAt: number, lifetimeMs: number | undefined) {
    this.#token = new Secret(token);
    this.#obtainedAt = obtainedAt;
    this.#lifetimeMs = lifetimeMs ?? Infinity;
    if (lifetimeMs !== undefined) this.expiresAt = obtainedAt + lifetimeMs;
  }

  get token(): string {
    return this.#token.reveal();
  }

  /** Whether it lives for `earlyMs` more, or for a tenth of its life where that is less. */
  isFresh(now: number, earlyMs: number): boolean {
    return this.#lives(now, Math.min(earlyMs, this.#lifetimeMs / 10));
  }

  isAlive(now: number): boolean {
    return this.#lives(now, 0);
  }

  // A clock that was set back tells nothing about the token's age: then it counts as old.
  #lives(now: number, marginMs: number): boolean {
    const ageMs = now - this.#obtainedAt;
    return this.#lifetimeMs === Infinity || (ageMs >= 0 && ageMs < this.#lifetimeMs - marginMs);
  }
}

/**
 * How long a token lives yet, in milliseconds: as the response says, else as the token itself does when it is a JWT. The
 * server may give a token it has given before, so that the rest of its life counts, by the server's own clock (`date`,
 * the response's header) and not by this machine's, which may be wrong.
 */
export function lifetimeOf(token: string, expiresIn: unknown, date: unknown, now: number): number | undefined {
  const seconds = Number(expiresIn ?? Number.NaN);
  if (seconds > 0) return seconds * 1_000;
  const { exp } = claimsOf(token);
  if (typeof exp !== 'number') return undefined;
  const serverNow = Date.parse(String(date));
  const lifetimeMs = exp * 1_000 - (Number.isNaN(serverNow) ? now : serverNow);
  return lifetimeMs > 0 ? lifetimeMs : undefined;
}

function fromBase64Url(text: string): string {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return new TextDecoder().decode(Uint8Array.from(binary, (sign) => sign.charCodeAt(0)));
}

function claimsOf(token: string): { exp?: unknown } {
  try {
    const claims: unknown = JSON.parse(fromBase64Url(token.split('.')[1] ?? ''));
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
