import type { Clock, LoggerOption } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import type { Credentials } from './credentials.ts';
import type { DomainResolver } from './domain-types.ts';
import { checkAccountId } from './hosts.ts';
import type { HttpClient } from './http.ts';

/** Who logs in, and how the session is kept fresh. */
export interface SessionManagerOptions {
  /** The account's id: 1 to 20 letters, digits or underscores. */
  accountId: string;
  /** How to log in. */
  credentials: Credentials;
  /** Finds the hosts. */
  domains: DomainResolver;
  /** Makes the calls. */
  http: HttpClient;
  /** How often the session is refreshed. Default 240,000, as the platform's pages advise 3 to 5 minutes; false = never. */
  refreshIntervalMs?: number | false | undefined;
  /** Logins are at least this far apart. Default 5,000, which is what the platform asks for. */
  renewSpacingMs?: number | undefined;
  /**
   * How long the first login is put off when another program uses the same user, in milliseconds, with up to as much
   * again by chance; doubled with each loss, up to twenty times as long. Default 15,000; 0 = such a contest is only told.
   */
  contestedWaitMs?: number | undefined;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock | undefined;
  /** Where log lines go; `false`: nowhere. Default: warnings and errors to stderr. */
  logger?: LoggerOption;
  /** In [0, 1); spreads the waits after failures. */
  random?: (() => number) | undefined;
  /** Whether `close()` also ends the session at the platform. Default false. */
  logoutOnClose?: boolean | undefined;
  /**
   * Awaited before every login, first ones and renewals alike, when their spacing has passed: to ask for permission, or
   * to share a limit with other processes. Rejecting ends that login with that error, which is not remembered. Not
   * called for a bearer or session of your own, which makes no login. After a minute it is given up, for who is next to ask.
   */
  beforeLogin?: ((context: BeforeLoginContext) => Promise<void>) | undefined;
}

/** What `beforeLogin` is told. */
export interface BeforeLoginContext {
  /** `renewal` when a session was there before. */
  reason: 'first' | 'renewal';
  /** Aborted when nobody waits for the session any more, after a minute, and when the manager is closed; the hook is not waited for then. */
  signal: AbortSignal;
}

/** @throws ConfigError that names the option which is wrong, unknown or missing. */
export function checkSessionManagerOptions(options: SessionManagerOptions): void {
  const check = optionsChecker(options, 'createSessionManager');
  check.known(['accountId', 'credentials']);
  check.objects(['domains'], { methods: ['origin'], required: true });
  check.objects(['http'], { methods: ['request'], required: true });
  check.durations(['refreshIntervalMs'], { orFalse: true });
  check.durations(['renewSpacingMs', 'contestedWaitMs'], { zero: true });
  check.clocks(['clock']);
  check.loggers(['logger']);
  check.functions(['random', 'beforeLogin']);
  check.booleans(['logoutOnClose']);
  check.nothingElse();
  checkAccountId(options.accountId);
}
