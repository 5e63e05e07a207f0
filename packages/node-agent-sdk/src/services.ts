import {
  createDomainResolver,
  createHttpClient,
  createSessionManager,
  type DomainResolver,
  type HttpClient,
  login,
  type SessionManager,
} from '@lp/auth';
import { type AgentConfig, credentialsIn, type LoginKind, optionsIn } from './config.ts';
import { createHttpsDispatcher, type HttpsDispatcher } from './https-dispatcher.ts';

/** Look-up and login of one agent. */
export interface Services {
  readonly http: HttpClient;
  readonly https: HttpsDispatcher;
  readonly domains: DomainResolver;
  readonly sessions: SessionManager;
}

/**
 * Makes the services; nothing is sent before they are used. What to log in with is read from `conf` at each login.
 * @throws ConfigError for options that cannot be used.
 */
export function createServices(conf: () => AgentConfig, kind: LoginKind): Services {
  const { csdsDomain, domains: overrides, ca, reconnect, refreshIntervalMs } = optionsIn(conf());
  const accountId = String(conf().accountId);
  // What goes wrong is told by events; nothing is printed.
  const logger = false;
  // It leads as the old SDK's HTTP went; the socket goes where `agent` leads it.
  const https = createHttpsDispatcher(ca);
  const http = createHttpClient({ dispatcher: https.dispatcher, logger });
  const domains = createDomainResolver({
    accountId,
    csdsDomain,
    domains: overrides,
    insecure: false,
    http,
    logger,
  });
  const sessions = createSessionManager({
    accountId,
    credentials: {
      provider: ({ reason, signal, attempt }) =>
        login({ accountId, credentials: credentialsIn(conf(), kind), domains, http, reason, signal, attempt }),
    },
    domains,
    http,
    logger,
    renewSpacingMs: reconnect ? reconnect.loginSpacingMs : undefined,
    refreshIntervalMs,
  });
  return { http, https, domains, sessions };
}

/** Ends every call under way, and upkeep. */
export function closeServices({ http, https, sessions }: Services): void {
  void sessions.close();
  void http.close();
  https.destroy();
}
