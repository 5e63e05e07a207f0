import { type Clock, ConfigError, type Logger, type LpError } from '@lp/core';
import { diagnosticsChannel, toError } from '@lp/core/internal';
import type { ContestedLogin } from './contest.ts';
import type { SessionEvent, SessionStatus } from './session-manager-types.ts';

const changes = diagnosticsChannel('lp:auth:session');

/** Tells listeners, log and diagnostics what becomes of a session, and counts it. */
export class SessionJournal {
  readonly #accountId: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners = new Set<(event: SessionEvent) => void>();
  logins = 0;
  refreshes = 0;
  /** Since the last success. */
  failures = 0;
  lastError: SessionStatus['lastError'];

  constructor(accountId: string, clock: Clock, logger: Logger) {
    this.#accountId = accountId;
    this.#clock = clock;
    this.#logger = logger;
  }

  onChange(listener: (event: SessionEvent) => void): () => void {
    if (typeof listener !== 'function') throw new ConfigError('onChange: the listener must be a function');
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** `renewal` says why there was a login, when it was not the first. */
  loggedIn(renewal: string | undefined): void {
    this.logins++;
    this.failures = 0;
    if (renewal !== undefined) this.#tell({ type: 'sessionRenewed', at: this.#clock.now(), reason: renewal });
  }

  refreshed(): void {
    this.refreshes++;
    this.failures = 0;
    this.#tell({ type: 'sessionRefreshed', at: this.#clock.now() });
  }

  /** Gives the error back, to be thrown. */
  failed(reason: string, error: LpError): LpError {
    const at = this.#clock.now();
    const { code, message, retryable } = error;
    const { status, host } = error.context;
    this.failures++;
    this.lastError = { code, message, retryable, at };
    this.#logger.warn('the session could not be kept or made', {
      accountId: this.#accountId,
      reason,
      code,
      retryable,
      status,
      host,
    });
    this.#tell({ type: 'sessionFailed', at, reason, error });
    return error;
  }

  contested(reason: string, { losses, waitMs }: ContestedLogin, error: LpError): void {
    const { code, message, retryable } = error;
    const at = this.#clock.now();
    this.failures++;
    this.lastError = { code, message, retryable, at };
    this.#logger.warn(message, { accountId: this.#accountId, reason, losses, waitMs });
    this.#tell({ type: 'sessionContested', at, reason, error, losses, waitMs });
  }

  #tell(event: SessionEvent): void {
    if (changes.hasSubscribers) {
      const { error, ...facts } = event;
      changes.publish({ ...facts, accountId: this.#accountId, code: error?.code });
    }
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (thrown) {
        this.#logger.error('a listener of the session threw', { error: toError(thrown).name });
      }
    }
  }
}
