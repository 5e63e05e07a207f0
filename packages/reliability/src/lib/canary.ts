import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import type { Logger } from '@lp/core';

/** Stands in every password, key and message text of a run, so that it is found wherever one of them shows. */
export const MARK = 'CANARY';

// Bearers and csrf tokens of the simulated platform are 64 hexadecimal digits, and nothing else is.
const SECRET = new RegExp(`${MARK}|(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])`, 'i');

const CHANNELS = [
  'lp:transport:status',
  'lp:request:start',
  'lp:request:end',
  'lp:request:error',
  'lp:auth:http',
  'lp:auth:session',
  'lp:stream:resync',
  'lp:stream:gap',
];

/** Looks for secrets in everything that a run shows of itself. */
export class Canary {
  /** Where a secret was found; never the secret. */
  readonly leaks = new Set<string>();
  /** How many texts were searched. */
  searched = 0;
  readonly #more = new Set<string>();
  readonly #onChannel = (message: unknown, name: string | symbol): void =>
    this.look(`channel ${String(name)}`, message);

  /** A logger whose every line is searched. */
  readonly logger: Logger = {
    debug: (message, fields) => this.#log(message, fields),
    info: (message, fields) => this.#log(message, fields),
    warn: (message, fields) => this.#log(message, fields),
    error: (message, fields) => this.#log(message, fields),
  };

  /** Begins to listen to the diagnostics channels; returns how to stop. */
  listen(): () => void {
    for (const name of CHANNELS) subscribe(name, this.#onChannel);
    return () => CHANNELS.forEach((name) => unsubscribe(name, this.#onChannel));
  }

  /** A secret that has no mark in it, such as a cookie. */
  add(secret: string): void {
    if (secret.length >= 8) this.#more.add(secret);
  }

  /** Searches a text. */
  search(where: string, text: string): void {
    this.searched++;
    if (SECRET.test(text)) this.leaks.add(where);
    for (const secret of this.#more) if (text.includes(secret)) this.leaks.add(where);
  }

  /** Searches whatever a program may print of a value: as text, as JSON and inspected, and of an error its stack and causes. */
  look(where: string, value: unknown): void {
    this.search(where, inspect(value, { depth: Number.POSITIVE_INFINITY }));
    this.search(where, asJson(value));
    if (typeof value === 'object' && value !== null && 'error' in value) this.look(where, value.error);
    // Errors made by Node itself come from another realm in some test runners.
    if (typeof value !== 'object' || value === null || !('stack' in value)) return;
    const error = value as Error;
    const { message, stack = '', cause } = error;
    this.search(where, `${error.toString()}\n${message}\n${stack}`);
    if (cause !== undefined) this.look(`${where}, cause`, cause);
  }

  #log(message: string, fields: unknown): void {
    this.look('log', [message, fields]);
  }
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
