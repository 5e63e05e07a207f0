import { inspect } from 'node:util';

const EVENTS = ['unhandledRejection', 'uncaughtException', 'warning'] as const;

/** Rejections and exceptions that nobody handled, and warnings of Node, from now on. */
export class Complaints {
  readonly all: unknown[] = [];
  readonly #note = (reason: unknown): void => void this.all.push(reason);

  constructor() {
    for (const event of EVENTS) process.on(event, this.#note);
  }

  /** Listens no longer; gives them as text. */
  stop(): string[] {
    for (const event of EVENTS) process.off(event, this.#note);
    return this.all.map((reason) => inspect(reason).slice(0, 500));
  }
}
