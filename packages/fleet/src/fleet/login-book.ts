import type { Credentials } from '@lp/auth';
import { type Clock, type ClockTimer, ConfigError } from '@lp/core';
import { toError } from '@lp/core/internal';
import type { FleetLogin } from './options.ts';

const READ_AGAIN_MS = 60_000;

export interface LoginBookParts {
  readonly read: () => Promise<ReadonlyMap<string, FleetLogin>>;
  readonly clock: Clock;
  readonly onFailure: (error: Error) => void;
  /** A login has other credentials than before. */
  readonly onNewCredentials: (login: string) => void;
  readonly onChange: () => void;
}

/** The logins of the fleet as this process knows them, read again every minute. */
export class LoginBook {
  readonly #parts: LoginBookParts;
  #logins: ReadonlyMap<string, FleetLogin> = new Map();
  #timer: ClockTimer | undefined;
  #closed = false;

  constructor(parts: LoginBookParts) {
    this.#parts = parts;
  }

  get names(): readonly string[] {
    return [...this.#logins.keys()];
  }

  get(login: string): FleetLogin | undefined {
    return this.#logins.get(login);
  }

  /** Reads the logins for the first time. */
  async open(): Promise<void> {
    this.#logins = await this.#parts.read();
    if (this.#logins.size === 0) throw new ConfigError('createFleet.logins gives no login at all');
    this.#later();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #later(): void {
    if (this.#closed) return;
    this.#timer = this.#parts.clock.setTimer(() => void this.#again(), READ_AGAIN_MS, { background: true });
  }

  async #again(): Promise<void> {
    const { onChange, onFailure, onNewCredentials, read } = this.#parts;
    try {
      const before = this.#logins;
      this.#logins = await read();
      for (const [login, { credentials }] of this.#logins) {
        const known = before.get(login);
        if (known && !isSame(known.credentials, credentials)) onNewCredentials(login);
      }
      if (!this.#closed) onChange();
    } catch (error) {
      onFailure(toError(error));
    }
    this.#later();
  }
}

function isSame(one: Credentials, other: Credentials): boolean {
  if ('provider' in one || 'provider' in other) return true;
  return JSON.stringify(one) === JSON.stringify(other);
}
