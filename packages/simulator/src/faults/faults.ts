import type { FaultOptions } from './rules.ts';

/** Which sockets a fault hits that strikes once, now. */
export interface FaultTarget {
  /** Only the sockets of the agent with this username. Default: all agents'. */
  agent?: string;
}

/**
 * Things that go wrong between a client and the platform. Consumers are spared, except by `down()`.
 * What "strikes now" is over with the call; everything else lasts until `clear()`, or as often as `times` says.
 */
export interface Faults {
  /** Strikes now: drops the agents' sockets without a close frame (clients see 1006). */
  dropAll(target?: FaultTarget): void;
  /** Strikes now: closes the agents' sockets with a close code, e.g. 4401, 1011 or 1001. */
  closeWith(code: number, reason?: string, target?: FaultTarget): void;
  /**
   * The agents' sockets that are open now stop: nothing is read or written, not even pings. New sockets work.
   * Lasts until `clear()`, which lets everything held back go.
   */
  freeze(target?: FaultTarget): void;
  /** Everything sent to agents comes `ms` milliseconds late, in order. */
  delay(ms: number, options?: FaultOptions): void;
  /** Responses to agents come `ms` milliseconds late; notifications are on time. */
  lateAnswers(ms: number, options?: FaultOptions): void;
  /** Requests of this type are carried out without a response. The type is a wire type or its last part, as `PublishEvent`. */
  dropAnswers(type: string, options?: FaultOptions): void;
  /** Notifications come twice. */
  duplicate(options?: FaultOptions): void;
  /** Notifications are collected, `window` at a time (default 4) or for 20 ms, and come in another order. */
  reorder(options?: FaultOptions & { window?: number }): void;
  /** Notifications are cut off in the middle. */
  corrupt(options?: FaultOptions): void;
  /** Notifications are lost. */
  loseNotifications(options?: FaultOptions): void;
  /** Conversation notifications come without `lastContentEventNotification`. */
  omitLastContentEvent(options?: Omit<FaultOptions, 'agent'>): void;
  /** Strikes now: bearers stop being valid and their sockets are closed with 4401, dropped without a word, or left open, as `sockets` says (default `close`). */
  expireToken(options?: FaultTarget & { sockets?: 'close' | 'drop' | 'keep' }): void;
  /** Logging in gets this HTTP status, e.g. 401, 429, 500 or 503; with a `Retry-After` only where `retryAfter` gives one. */
  failLogin(status: number, options?: Omit<FaultOptions, 'agent'> & { retryAfter?: string }): void;
  /** Requests of this type are refused with this code and not carried out, e.g. 429 or 500; `text` is the body of the response. */
  failRequests(type: string, code: number, options?: FaultOptions & { text?: string }): void;
  /** The upgrade to a socket gets this HTTP status, e.g. 401, 409 or 503. */
  failUpgrade(status: number, options?: FaultOptions): void;
  /** The upgrade to a socket gets no response; `clear()` ends the attempts that wait. */
  hangUpgrade(options?: FaultOptions): void;
  /** Looking up services gets this HTTP status (default 503); with a `Retry-After` only where `retryAfter` gives one. */
  csdsDown(status?: number, options?: Omit<FaultOptions, 'agent'> & { retryAfter?: string }): void;
  /** After each frame from an agent, nothing more is read from that socket for `ms` milliseconds; default 20. */
  slowReads(ms?: number, options?: FaultOptions): void;
  /** The platform is gone: open connections are cut, new ones refused. `clear()` brings it back with all its state. */
  down(): void;
  /** Ends every fault. */
  clear(): void;
}
