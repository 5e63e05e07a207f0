import type { Clock, LoggerOption } from '@lp/core';
import { type OptionsChecker, optionsChecker } from '@lp/core/internal';
import type { Credentials, ProviderContext } from './credentials.ts';
import type { DomainResolver } from './domain-types.ts';
import { checkAccountId } from './hosts.ts';
import type { HttpClient } from './http.ts';
import type { Session } from './session.ts';

/** What every call to the login service needs. */
export interface AuthCallOptions {
  /** The account's id: 1 to 20 letters, digits or underscores. */
  accountId: string;
  /** Finds the hosts. */
  domains: DomainResolver;
  /** Makes the calls. */
  http: HttpClient;
  /** Gives up: the call rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
  /** How long the HTTP exchange may take, in milliseconds. Default: what the HTTP client has. */
  timeoutMs?: number | undefined;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock | undefined;
  /** Where log lines go; `false`: nowhere. Default: warnings and errors to stderr. */
  logger?: LoggerOption;
}

/** Who logs in, and why. */
export interface LoginOptions extends AuthCallOptions {
  /** How to log in. */
  credentials: Credentials;
  /** Told to a custom provider. Default `first`. */
  reason?: ProviderContext['reason'] | undefined;
  /** Told to a custom provider. Default 1. */
  attempt?: number | undefined;
}

/** Which session a call is about. */
export interface SessionCallOptions extends AuthCallOptions {
  /** As `login` gave it. */
  session: Session;
}

/** @throws ConfigError that names the option which is wrong, unknown or missing. */
export function checkLogin(options: LoginOptions): void {
  const check = optionsChecker(options, 'login');
  check.known(['credentials']);
  check.oneOf('reason', ['first', 'renewal']);
  check.counts(['attempt']);
  checkCall(options, check);
}

/** @throws ConfigError that names the option which is wrong, unknown or missing. */
export function checkSessionCall(path: string, options: SessionCallOptions): void {
  const check = optionsChecker(options, path);
  check.objects(['session'], { required: true });
  checkCall(options, check);
}

function checkCall(options: AuthCallOptions, check: OptionsChecker<AuthCallOptions>): void {
  check.known(['accountId']);
  check.objects(['domains'], { methods: ['origin'], required: true });
  check.objects(['http'], { methods: ['request'], required: true });
  check.signals(['signal']);
  check.durations(['timeoutMs']);
  check.clocks(['clock']);
  check.loggers(['logger']);
  check.nothingElse();
  checkAccountId(options.accountId);
}
