import type { Doubts } from '@lp/core/internal';
import type { Failure } from './failures.ts';
import type { Policy } from './resolve-options.ts';
import type { DialReason } from './status.ts';

/** One way from the URL to a lost connection. Everything that happens on it carries its `id`. */
export interface Dial {
  readonly id: number;
  /** Counts the dials since the last stable session, from 1. */
  readonly number: number;
  readonly reason: DialReason;
}

export type Phase =
  | { readonly name: 'idle' }
  | { readonly name: 'waiting'; readonly reason: DialReason; readonly since: number; readonly delayMs: number }
  | { readonly name: 'resolving' | 'opening' | 'preparing' | 'connected'; readonly dial: Dial }
  | { readonly name: 'closed'; readonly error: unknown };

/** The whole connection, as one value. */
export interface MachineState {
  readonly phase: Phase;
  /** Id of the wait or dial under way: what carries another comes from the past and is ignored. */
  readonly dialId: number;
  /** How many sockets have opened. */
  readonly epoch: number;
  /** Waits since the last stable session: waits grow with them. */
  readonly retries: number;
  /** Waits since the last usable connection, however short: the part of the attempt budget that is used up. */
  readonly spent: number;
  /** When the dials began that have not led to a usable connection. */
  readonly troubledSince: number | undefined;
  /** Refusals in a row that may not be the platform's. */
  readonly unclear: Doubts | undefined;
  /** Connections in a row that were lost to a frame above the limit. */
  readonly oversized: number;
  /** Dials in a row that needed a new token and led to no usable connection. */
  readonly logins: number;
  /** Upgrades in a row that got 5xx. */
  readonly serverErrors: number;
  readonly everStable: boolean;
  /** When the connection was lost, and how many dials there were since; undefined before the first connection. */
  readonly gap: { readonly since: number; readonly dials: number } | undefined;
  readonly lastDialAt: number | undefined;
  /** When the last dial began that needed a new token. */
  readonly lastLoginAt: number | undefined;
  /** How long a pause the server asked for, and when. */
  readonly pause: { readonly since: number; readonly ms: number } | undefined;
}

export type MachineEvent =
  | { readonly type: 'connect' }
  | { readonly type: 'waited' | 'resolved' | 'opened' | 'prepared' | 'stable'; readonly dialId: number }
  | { readonly type: 'failed'; readonly dialId: number; readonly failure: Failure }
  | { readonly type: 'reconnect'; readonly reauth: boolean | 'ifOld' }
  | { readonly type: 'close'; readonly error: unknown; readonly abrupt?: boolean };

/** What the transport has to do, in order. */
export type Effect =
  | {
      readonly type: 'wait';
      readonly dialId: number;
      readonly delayMs: number;
      readonly attempt: number;
      readonly attemptsLeft: number;
      readonly reason: DialReason;
      readonly error: Error | undefined;
    }
  | { readonly type: 'resolve'; readonly dial: Dial }
  | { readonly type: 'open' }
  | { readonly type: 'prepare'; readonly epoch: number; readonly reconnected: boolean }
  | { readonly type: 'ready'; readonly gapMs: number | undefined; readonly attempts: number }
  /** A usable connection is lost; it has been told already, or `abandon` follows. */
  | { readonly type: 'lost'; readonly failure: Failure | undefined; readonly reason: DialReason | undefined }
  /** Give up the wait, dial or connection; gracefully: with a close frame. */
  | { readonly type: 'abandon'; readonly graceful: boolean }
  | { readonly type: 'end'; readonly error: unknown };

/** What a transition depends on besides state and event. */
export interface Environment {
  readonly now: number;
  readonly policy: Policy;
  readonly reconnects: boolean;
  /** True where a refused upgrade looks like any other failure, so a stale token must be guessed. */
  readonly blind: boolean;
}

export interface Step {
  readonly state: MachineState;
  readonly effects: readonly Effect[];
}

export const INITIAL: MachineState = {
  phase: { name: 'idle' },
  dialId: 0,
  epoch: 0,
  retries: 0,
  spent: 0,
  troubledSince: undefined,
  unclear: undefined,
  oversized: 0,
  logins: 0,
  serverErrors: 0,
  everStable: false,
  gap: undefined,
  lastDialAt: undefined,
  lastLoginAt: undefined,
  pause: undefined,
};
