import type { LpError } from '@lp/core';
import type { Session } from './session.ts';

/**
 * Something happened to the session. The first login is no event. `sessionContested`: sessions are lost one after the
 * other soon after their login, since another program uses the same user; logins are put off.
 */
export interface SessionEvent {
  /** What happened to the session. */
  type: 'sessionRefreshed' | 'sessionRenewed' | 'sessionFailed' | 'sessionContested';
  /** Milliseconds since the epoch. */
  at: number;
  /** Why the session was to be renewed; `refresh` for a refresh that failed. */
  reason?: string;
  /** What went wrong, with `sessionFailed`. */
  error?: LpError;
  /** Of `sessionContested`: how many sessions were lost so. */
  losses?: number;
  /** Of `sessionContested`: how long the next login is put off. */
  waitMs?: number;
}

/** A snapshot of a session manager, without secrets. Times are milliseconds since the epoch. */
export interface SessionStatus {
  /** `idle`: no login yet. `failed`: refused for good, nothing is sent any more. */
  state: 'idle' | 'loggingIn' | 'active' | 'renewing' | 'failed' | 'closed';
  /** When the session was made, in milliseconds since 1970. */
  obtainedAt: number | undefined;
  /** How old the token is. */
  tokenAgeMs: number | undefined;
  /** When it was last extended, in milliseconds since 1970. */
  lastRefreshAt: number | undefined;
  /** When it will be extended or renewed, in milliseconds since 1970. */
  nextUpkeepAt: number | undefined;
  /** When the session runs out unless it is refreshed, where that is known. */
  expiresAt: number | undefined;
  /** The earliest time of the next login, while spacing or the platform holds it back. */
  nextLoginAt: number | undefined;
  /** Whether the session was lost to another program that uses the same user. */
  contested: boolean;
  /** How many logins have succeeded. */
  logins: number;
  /** How many refreshes have succeeded. */
  refreshes: number;
  /** Failures since the last success. */
  failures: number;
  /** The last failure, without secrets; undefined after a success. */
  lastError: { code: string; message: string; retryable: boolean; at: number } | undefined;
}

/** How to make a new session. */
export interface RenewOptions {
  /** Gives up: the call rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
  /**
   * The session that was refused: when another one is current already, that is the result and nothing is sent, so that
   * whoever notices late does not renew a fresh session.
   */
  unless?: Session | undefined;
  /**
   * Whether the platform has refused `unless` before its time. Two such losses soon after their logins mean that another
   * program uses the same user; logins are then put off, longer each time. Default false.
   */
  revoked?: boolean | undefined;
}

/** The one source of an account's current session, for the socket and for REST. */
export interface SessionManager extends AsyncDisposable {
  /**
   * The current session. Logs in at the first call and when the session has run out; waits for a renewal under way.
   * Calls at the same time share one login, which is aborted only when no caller waits any more. What the login service
   * refuses for good (wrong credentials, any 4xx but 429) is remembered: later calls reject with it and nothing is sent. An
   * aborted call rejects with `signal.reason`.
   */
  session(options?: { signal?: AbortSignal | undefined }): Promise<Session>;
  /** The session there is now; undefined before the first login and after a failure. */
  readonly current: Session | undefined;
  /**
   * Logs in again and makes the result the current session; a socket that is open stays open. Logins are spaced, and a
   * `Retry-After` of the platform is waited for. One call is one try.
   * @throws SessionExpiredError with a bearer or session of your own, which nothing can renew; and, `retryable` with
   * `context.retryAfterMs`, while logins are put off since another program uses the same user.
   */
  renew(reason: string, options?: RenewOptions): Promise<Session>;
  /**
   * Refreshes now; logs in when there is no session yet. A session that the platform no longer knows is renewed, and so
   * is one of a custom provider that came without csrf. `signal` gives up: the call rejects with its reason.
   * @throws AuthError with a bearer of your own, and when the refresh is refused.
   */
  refresh(options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /**
   * Ends what holds logins back: a `Retry-After` of the platform, and the pause after a loss to another program. Only the
   * spacing of logins stays. A login that waits already goes on. For somebody who knows better, as who presses a button.
   */
  hurry(): void;
  /** Calls `listener` with each event, as it happens; what it throws is logged. Returns the way to stop it. */
  onChange(listener: (event: SessionEvent) => void): () => void;
  /** How the session stands, for health checks. */
  status(): SessionStatus;
  /**
   * Ends upkeep, and every call, under way or made later, with `reason` (default: a ClosedError). With `logout` it ends the
   * session at the platform too (default: what `logoutOnClose` says), and gives that three seconds. Never throws.
   */
  close(options?: { logout?: boolean | undefined; reason?: unknown }): Promise<void>;
}
