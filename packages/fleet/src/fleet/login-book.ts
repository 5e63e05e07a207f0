import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Credentials } from '@lp/auth';
import { type Clock, type ClockTimer, ConfigError } from '@lp/core';
import { toError } from '@lp/core/internal';
import type { FleetLogin } from './logins.ts';

const READ_AGAIN_MS = 60_000;
const LONGEST_READ_MS = 60_000;

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
  #list = '';
  #timer: ClockTimer | undefined;
  #closed = false;

  constructor(parts: LoginBookParts) {
    this.#parts = parts;
  }

  get names(): readonly string[] {
    return [...this.#logins.keys()];
  }

  /** The same wherever the same logins are known. */
  get list(): string {
    return this.#list;
  }

  get(login: string): FleetLogin | undefined {
    return this.#logins.get(login);
  }

  /** Reads the logins for the first time. */
  async open(): Promise<void> {
    this.#take(await this.#read());
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
    const { onChange, onFailure, onNewCredentials } = this.#parts;
    try {
      const before = this.#logins;
      this.#take(await this.#read());
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

  #take(logins: ReadonlyMap<string, FleetLogin>): void {
    this.#logins = logins;
    const names = JSON.stringify([...logins.keys()].toSorted());
    this.#list = createHash('sha256').update(names).digest('hex').slice(0, 16);
  }

  /** An empty list is a mistake: to believe it would take the whole fleet offline. */
  async #read(): Promise<ReadonlyMap<string, FleetLogin>> {
    const { clock, read } = this.#parts;
    const logins = await new Promise<ReadonlyMap<string, FleetLogin>>((resolve, reject) => {
      const late = () => reject(new ConfigError('createFleet.logins has given nothing for a minute'));
      const timer = clock.setTimer(late, LONGEST_READ_MS, { background: true });
      read()
        .then(resolve, (error: unknown) => reject(toError(error)))
        .finally(() => timer.cancel());
    });
    if (logins.size === 0) throw new ConfigError('createFleet.logins gives no login at all');
    return logins;
  }
}

/** A field that is undefined says nothing. */
const given = (credentials: Credentials) =>
  Object.fromEntries(Object.entries(credentials).filter(([, value]) => value !== undefined));

/** Compares by value: a list that is read again may have its fields in another order. What a function of the user gives may be new each time: nobody can tell. */
export function isSame(one: Credentials, other: Credentials): boolean {
  if ('provider' in one || 'provider' in other) return true;
  return isDeepStrictEqual(given(one), given(other));
}
