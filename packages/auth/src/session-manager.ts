// Over 300 lines: one state machine of a session; logins, upkeep, contests and the journal are in files of their own.
import {
  AuthError,
  type Clock,
  type ClockTimer,
  ClosedError,
  type Logger,
  LpError,
  SessionExpiredError,
  systemClock,
} from '@lp/core';
import {
  type Doubts,
  doubt,
  guardLogger,
  isBelieved,
  ladderDelay,
  type OptionsChecker,
  optionsChecker,
  retryAfterOf,
} from '@lp/core/internal';
import { Contest } from './contest.ts';
import { type Credentials, isRenewable, parseCredentials } from './credentials.ts';
import { login, logoutWithin, refreshSession } from './login.ts';
import { LoginGate } from './login-gate.ts';
import { limited } from './login-limit.ts';
import { isBlocked, isFinal, isUnclear } from './rejections.ts';
import { noteLogin } from './same-login.ts';
import type { Session } from './session.ts';
import { SessionJournal } from './session-journal.ts';
import { checkSessionManagerOptions, type SessionManagerOptions } from './session-manager-options.ts';
import type { RenewOptions, SessionEvent, SessionManager, SessionStatus } from './session-manager-types.ts';
import { SingleFlight } from './single-flight.ts';
import { nextUpkeep, type SessionAge, UPKEEP_DELAYS_MS, validUntil } from './upkeep.ts';

const LOGOUT_TIMEOUT_MS = 3_000;

/** Makes a {@link SessionManager}. Nothing is sent before the first call. Its timers do not keep the process alive. */
export function createSessionManager(options: SessionManagerOptions): SessionManager {
  return new Manager(options);
}

class Manager implements SessionManager {
  readonly #options: SessionManagerOptions;
  readonly #credentials: Credentials;
  readonly #refreshIntervalMs: number | false;
  readonly #renewable: boolean;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #gate: LoginGate;
  readonly #journal: SessionJournal;
  readonly #contest: Contest;
  readonly #random: () => number;
  readonly #logins = new SingleFlight<Session>();
  readonly #refreshes = new SingleFlight<void>();
  readonly #releaseLogin: () => void;
  #attempts = 0;
  #age: SessionAge | undefined;
  #lastRefreshAt: number | undefined;
  /** Logins in a row that were refused without the platform's own words. */
  #doubts: Doubts | undefined;
  #final: LpError | undefined;
  #upkeep: { timer: ClockTimer; at: number } | undefined;
  #closing: { readonly reason: unknown; readonly done: Promise<void> } | undefined;

  constructor(options: SessionManagerOptions) {
    checkSessionManagerOptions(options);
    const { accountId, refreshIntervalMs = 240_000, renewSpacingMs = 5_000, contestedWaitMs = 15_000 } = options;
    this.#options = options;
    this.#credentials = parseCredentials(options.credentials);
    this.#renewable = isRenewable(this.#credentials);
    this.#refreshIntervalMs = refreshIntervalMs;
    this.#clock = options.clock ?? systemClock;
    this.#logger = guardLogger(options.logger);
    this.#gate = new LoginGate(this.#clock, renewSpacingMs);
    this.#journal = new SessionJournal(accountId, this.#clock, this.#logger);
    this.#random = options.random ?? Math.random;
    this.#contest = new Contest(this.#clock, { refreshIntervalMs, contestedWaitMs, random: this.#random });
    const { shared, release } = noteLogin(this, accountId, this.#credentials);
    this.#releaseLogin = release;
    if (shared) {
      this.#logger.warn(
        'another session manager of this process uses the same login: each login makes the token of the other invalid',
        { accountId },
      );
    }
  }

  get current(): Session | undefined {
    return this.#age?.session;
  }

  async session(options: { signal?: AbortSignal | undefined } = {}): Promise<Session> {
    checkOptions('session', options);
    const { signal } = options;
    this.#checkUsable(signal);
    // While a renewal is under way, the current session is known to be bad.
    const isGood = !this.#logins.active && !this.#contest.isLost(this.current);
    if (isGood && this.#age && this.#clock.now() < validUntil(this.#age)) return this.#age.session;
    return this.#login(this.#age ? 'expired' : 'first use', signal);
  }

  async renew(reason: string, options: RenewOptions = {}): Promise<Session> {
    checkOptions('renew', options, (check) => {
      check.objects(['unless']);
      check.booleans(['revoked']);
    });
    const { signal, unless, revoked = false } = options;
    this.#checkUsable(signal);
    const isOther = unless && this.current && this.current !== unless && !this.#contest.isLost(this.current);
    if (isOther && this.current && !this.#logins.active) return this.current;
    if (revoked && !isOther) this.#noteLoss(reason);
    return this.#login(reason, signal);
  }

  async refresh(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    checkOptions('refresh', options);
    const { signal } = options;
    this.#checkUsable(signal);
    const session = this.current;
    if (!session || this.#logins.active) {
      await this.session({ signal });
    } else if (session.csrf !== undefined) {
      await this.#refreshes.run((shared) => this.#refreshOnce(session, shared), signal);
    } else if (this.#renewable) {
      await this.renew('refresh', { signal, unless: session });
    } else {
      throw new AuthError(
        'a bearer of your own cannot be refreshed: that takes the csrf and the sessionId it was made with',
      );
    }
  }

  hurry(): void {
    this.#gate.hurry();
  }

  onChange(listener: (event: SessionEvent) => void): () => void {
    return this.#journal.onChange(listener);
  }

  status(): SessionStatus {
    const now = this.#clock.now();
    const age = this.#age;
    const { logins, refreshes, failures, lastError } = this.#journal;
    return {
      state: this.#state(),
      obtainedAt: age?.obtainedAt,
      tokenAgeMs: age && now - age.obtainedAt,
      lastRefreshAt: this.#lastRefreshAt,
      nextUpkeepAt: this.#upkeep?.at,
      expiresAt: age?.session.expiresAt === undefined ? undefined : validUntil(age),
      nextLoginAt: this.#gate.waitMs > 0 ? now + this.#gate.waitMs : undefined,
      contested: this.#contest.isLost(this.current),
      logins,
      refreshes,
      failures,
      lastError: lastError && { ...lastError },
    };
  }

  async close(options: { logout?: boolean | undefined; reason?: unknown } = {}): Promise<void> {
    const check = optionsChecker(options, 'close');
    check.booleans(['logout']);
    check.known(['reason']);
    check.nothingElse();
    const { logout = this.#options.logoutOnClose ?? false, reason = closedError() } = options;
    this.#closing ??= { reason, done: this.#close(logout, reason) };
    await this.#closing.done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #state(): SessionStatus['state'] {
    if (this.#closing) return 'closed';
    if (this.#final) return 'failed';
    if (this.#logins.active) return this.#age ? 'renewing' : 'loggingIn';
    return this.#age ? 'active' : 'idle';
  }

  #checkUsable(signal?: AbortSignal): void {
    if (this.#closing) throw this.#closing.reason;
    if (this.#final) throw this.#final;
    signal?.throwIfAborted();
  }

  async #login(reason: string, signal: AbortSignal | undefined): Promise<Session> {
    const previous = this.current;
    if (previous && !this.#renewable) {
      throw this.#journal.failed(
        reason,
        new SessionExpiredError('the platform no longer accepts the given token: connect again with a new one'),
      );
    }
    if (this.#contest.isLost(previous) && this.#gate.waitMs > 0) throw this.#contest.error(this.#gate.waitMs);
    return this.#logins.run((shared) => this.#loginOnce(reason, previous, shared), signal);
  }

  #noteLoss(reason: string): void {
    if (!this.#age || !this.#renewable || this.#clock.now() >= validUntil(this.#age)) return;
    const lost = this.#contest.sessionLost(this.#age);
    if (lost) this.#gate.hold(lost.waitMs);
    if (lost) this.#journal.contested(reason, lost, this.#contest.error(lost.waitMs));
  }

  async #loginOnce(reason: string, previous: Session | undefined, signal: AbortSignal): Promise<Session> {
    const { accountId, domains, http, beforeLogin } = this.#options;
    const clock = this.#clock;
    const credentials = this.#credentials;
    const call = previous ? 'renewal' : 'first';
    const { waitMs } = this.#gate;
    if (waitMs > 0) this.#logger.info('the next login has to wait', { accountId, reason, waitMs });
    await this.#gate.pass(signal);
    if (beforeLogin && this.#renewable) {
      await limited('beforeLogin', { clock, signal }, (limit) => beforeLogin({ reason: call, signal: limit }));
      this.#gate.noteLogin();
    }
    const ask = (signalOfLogin: AbortSignal) =>
      login({
        accountId,
        credentials,
        domains,
        http,
        signal: signalOfLogin,
        reason: call,
        attempt: ++this.#attempts,
        clock,
        logger: this.#logger,
      });
    let session: Session;
    try {
      // A login at the platform has the limits of its exchanges.
      session = await ('provider' in credentials
        ? limited('the credentials provider', { clock, signal }, ask)
        : ask(signal));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!LpError.isInstance(error) || error.code === 'CLOSED') throw error;
      // After a 429 the platform wants the spacing from its response on, not from the login.
      if (error.context['status'] === 429) this.#gate.noteLogin();
      this.#gate.hold(retryAfterOf(error));
      const refusal = this.#believed(error);
      if (isFinal(refusal)) this.#stopFor(refusal);
      throw this.#journal.failed(reason, refusal);
    }
    this.#doubts = undefined;
    // Nobody waits any more, or the manager was closed, while the response was on its way.
    signal.throwIfAborted();
    const now = this.#clock.now();
    this.#age = { session, obtainedAt: now, lastGoodAt: now };
    this.#lastRefreshAt = undefined;
    this.#attempts = 0;
    this.#scheduleUpkeep();
    this.#journal.loggedIn(previous && reason);
    return session;
  }

  /** A login's failure; that which may not be the platform's becomes a refusal once it has gone on for long. */
  #believed(error: LpError): LpError {
    this.#doubts = isUnclear(error) ? doubt(this.#doubts, this.#clock.now()) : undefined;
    if (!this.#doubts || !isBelieved(this.#doubts)) return error;
    const { count, forMs } = this.#doubts;
    return new AuthError(
      `${error.message}; it was so ${count} times in ${Math.round(forMs / 60_000)} min and is taken for the platform's`,
      {
        cause: error,
        context: error.context,
      },
    );
  }

  async #refreshOnce(session: Session, signal: AbortSignal): Promise<void> {
    const { accountId, domains, http } = this.#options;
    try {
      await refreshSession({ accountId, session, domains, http, signal, clock: this.#clock });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      // The session was replaced meanwhile: the response is about one that nobody uses.
      if (this.current !== session) return;
      if (SessionExpiredError.isInstance(error)) {
        await this.renew('refresh responded with 401', { signal, unless: session, revoked: true });
        return;
      }
      if (!LpError.isInstance(error) || error.code === 'CLOSED') throw error;
      if (isBlocked(error)) this.#stopFor(error);
      throw this.#journal.failed('refresh', error);
    }
    if (this.current !== session || !this.#age) return;
    const now = this.#clock.now();
    this.#age = { ...this.#age, lastGoodAt: now };
    this.#lastRefreshAt = now;
    this.#scheduleUpkeep();
    this.#journal.refreshed();
  }

  #scheduleUpkeep(failure?: { retryAfterMs: number }): void {
    this.#upkeep?.timer.cancel();
    this.#upkeep = undefined;
    if (!this.#age || this.#final || this.#closing) return;
    const now = this.#clock.now();
    const step = nextUpkeep(this.#age, { refreshIntervalMs: this.#refreshIntervalMs, renewable: this.#renewable }, now);
    if (!step) return;
    const ladderMs = ladderDelay(UPKEEP_DELAYS_MS, Math.max(1, this.#journal.failures), this.#random) ?? 0;
    const delayMs = failure ? Math.max(ladderMs, failure.retryAfterMs) : step.delayMs;
    const timer = this.#clock.setTimer(() => void this.#keepUp(step.action), delayMs, { background: true });
    this.#upkeep = { timer, at: now + delayMs };
  }

  /** One step of upkeep. Never rejects: nobody waits for it. */
  async #keepUp(action: 'refresh' | 'renew'): Promise<void> {
    // A delay longer than the platform's timers can hold ends early.
    if (action === 'renew' && this.#clock.now() + 1_000 < (this.#upkeep?.at ?? 0)) {
      this.#scheduleUpkeep();
      return;
    }
    this.#upkeep = undefined;
    let failure: { retryAfterMs: number } | undefined;
    try {
      if (action === 'refresh') await this.refresh();
      else await this.renew('about to expire', { unless: this.current });
    } catch (error) {
      const known = LpError.isInstance(error) ? error : undefined;
      // A refresh that trying again cannot help is not hurried: the next regular one is its turn.
      if (action === 'renew' || known?.retryable) failure = { retryAfterMs: retryAfterOf(known) };
    }
    this.#scheduleUpkeep(failure);
  }

  #stopFor(error: LpError): void {
    this.#final = error;
    this.#upkeep?.timer.cancel();
    this.#upkeep = undefined;
  }

  async #close(asked: boolean, reason: unknown): Promise<void> {
    const session = this.current;
    this.#age = undefined;
    this.#upkeep?.timer.cancel();
    this.#upkeep = undefined;
    this.#releaseLogin();
    this.#logins.abort(reason);
    this.#refreshes.abort(reason);
    if (!asked || session?.csrf === undefined) return;
    const { accountId, domains, http } = this.#options;
    const call = { accountId, session, domains, http, clock: this.#clock, logger: this.#logger };
    await logoutWithin(LOGOUT_TIMEOUT_MS, call);
  }
}

/** Checks what a call takes: a signal, and what `more` checks. @throws ConfigError */
function checkOptions<T extends { signal?: AbortSignal | undefined }>(
  call: string,
  options: T,
  more?: (check: OptionsChecker<T>) => void,
): void {
  const check = optionsChecker(options, call);
  check.signals(['signal']);
  more?.(check);
  check.nothingElse();
}

function closedError(): ClosedError {
  return new ClosedError('the session manager was closed');
}
