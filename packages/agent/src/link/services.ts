import {
  createDomainResolver,
  createHttpClient,
  createRestClient,
  createSessionManager,
  type DomainResolver,
  type HttpClient,
  type PublicHosts,
  publicHosts,
  type RestClient,
  type SessionManager,
} from '@lp/auth';
import type { Clock, Logger } from '@lp/core';
import type { ResolvedOptions } from './agent-options.ts';

/** The account's side of an agent: where its services are, who is logged in, and calls over HTTP. */
export interface AccountServices {
  readonly http: HttpClient;
  readonly domains: DomainResolver;
  readonly sessions: SessionManager;
  readonly rest: RestClient;
  /** Whether a new token can be had: not for a token or session of the program's own. */
  readonly renewable: boolean;
}

/** Whether what the look-up names has to be public, by its address too. */
export function publicHostsOf({ csds, domains, privateHosts }: ResolvedOptions): PublicHosts | undefined {
  return publicHosts({ csdsHost: csds.host, domains, privateHosts });
}

/** Makes the services of one agent. Nothing is sent before they are used. */
export function createServices(options: ResolvedOptions, shared: { clock: Clock; logger: Logger }): AccountServices {
  const { accountId, csds } = options;
  const http = createHttpClient({
    ...shared,
    dispatcher: options.dispatcher,
    proxy: options.proxy,
    tls: options.tls,
    publicHostsOnly: publicHostsOf(options),
    timeoutMs: options.requestTimeoutMs,
  });
  const domains = createDomainResolver({
    ...shared,
    accountId,
    csdsDomain: csds.host,
    insecure: csds.insecure,
    domains: options.domains,
    hostSuffixes: options.hostSuffixes,
    privateHosts: options.privateHosts,
    http,
  });
  const sessions = createSessionManager({
    ...shared,
    accountId,
    credentials: options.credentials,
    domains,
    http,
    refreshIntervalMs: options.refreshSessionIntervalMs,
    logoutOnClose: options.logoutOnClose,
    beforeLogin: options.beforeLogin,
    contestedWaitMs: options.contestedWaitMs,
    renewSpacingMs: options.reconnect ? options.reconnect.loginSpacingMs : undefined,
  });
  const rest = createRestClient({ accountId, http, domains, sessions, clock: shared.clock });
  return { http, domains, sessions, rest, renewable: !('token' in options.credentials) };
}
