import type { LpErrorCode } from '@lp/core';
import type { World, WorldOptions } from '../lib/world.ts';

/** One fault, and what has to become of it. */
export interface FaultScenario {
  /** Unique; names the row, the test and the child process. */
  readonly id: string;
  readonly group: keyof typeof GROUPS;
  /** What is done, for people. */
  readonly what: string;
  readonly world?: WorldOptions;
  /** Virtual time that passes before it strikes, in milliseconds; none by default. */
  readonly beforeMs?: number;
  /** Strikes: on a bot that is online, or for `start` before it connects. */
  readonly strike: (world: World) => void | Promise<unknown>;
  /** Goes on for so long, in milliseconds of virtual time; then `lift`. By default it is over by itself. */
  readonly lastsMs?: number;
  /** By how much the strike moves the time of day, in milliseconds: that is no time that passes. */
  readonly jumpMs?: number;
  /** Ends it, besides `faults.clear()`. */
  readonly lift?: (world: World) => void;
  /** The error that the agent, or connecting, has to end with; by default it has to recover by itself. */
  readonly error?: LpErrorCode;
  /** True where the client cannot keep an answer from being given twice. */
  readonly repeats?: boolean;
  /** What else has to hold in the end; gives what does not. */
  readonly check?: (world: World) => string | undefined;
}

export const GROUPS = {
  connection: 'The connection breaks',
  reconnect: 'Something is down while it reconnects',
  start: 'Something is wrong at the start',
  session: 'In the life of a session',
  frames: 'What is pushed',
  responses: 'The responses to requests',
  field: 'What was seen in the field',
} as const;

/** What became of a fault. */
export interface FaultRow {
  readonly id: string;
  readonly group: keyof typeof GROUPS;
  readonly what: string;
  /** `recovered`, or the code of the typed error. */
  readonly outcome: 'recovered' | LpErrorCode;
  /** From the fault to the answer to the last message said at it and 50 ms after it, or to the error; virtual milliseconds. */
  readonly afterMs: number;
  readonly lost: number;
  readonly twice: number;
  readonly unordered: number;
  /** Rejections and exceptions that nobody handled. */
  readonly unhandled: number;
  readonly leaks: readonly string[];
  /** What was left after `close()`: timers of the clock, listeners of the signal, handles of the process. */
  readonly remains: string;
  /** What did not hold; empty when all did. */
  readonly failures: readonly string[];
}

export const wasNeverLost = (world: World): string | undefined =>
  world.statuses.has('disconnected') ? 'the connection was lost' : undefined;
