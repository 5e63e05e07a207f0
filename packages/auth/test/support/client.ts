import { setImmediate as turn } from 'node:timers/promises';
import {
  type Credentials,
  createDomainResolver,
  createHttpClient,
  createSessionManager,
  type DomainResolver,
  type HttpClient,
  type SessionEvent,
  type SessionManager,
  type SessionManagerOptions,
} from '@lp/auth';
import { type Clock, createManualClock, type Logger, type ManualClock } from '@lp/core';
import { ACCOUNT, type Platform, startPlatform } from './platform.ts';

export const PASSWORD = { username: 'bot', password: 'pass' } satisfies Credentials;

/** A platform with a client of it. Only the session manager lives by the manual clock: HTTP takes its own time. */
export interface TestClient extends AsyncDisposable {
  readonly platform: Platform;
  readonly http: HttpClient;
  readonly domains: DomainResolver;
  readonly clock: ManualClock;
  readonly manager: SessionManager;
  readonly events: SessionEvent[];
  /** The next event of a type that comes after this call. */
  next(type: SessionEvent['type']): Promise<SessionEvent>;
  /** Resolves when no HTTP exchange is under way, and none follows from the last. */
  settled(): Promise<void>;
}

export async function startClient(
  options: Partial<Omit<SessionManagerOptions, 'clock'>> & {
    httpClock?: Clock;
    domainCacheMs?: number;
    logger?: Logger;
  } = {},
): Promise<TestClient> {
  const platform = await startPlatform();
  const { httpClock, domainCacheMs, ...rest } = options;
  const clock = createManualClock();
  const { logger = false } = rest;
  const http = createHttpClient({ logger, ...(httpClock && { clock: httpClock }) });
  const request = http.request.bind(http);
  let exchanges = 0;
  http.request = (call) => {
    exchanges++;
    return request(call).finally(() => exchanges--);
  };
  const domains = createDomainResolver({
    accountId: ACCOUNT,
    csdsDomain: platform.host,
    http,
    clock,
    // Long by default, so that a test about sessions counts no look-ups.
    cacheMs: domainCacheMs ?? Number.MAX_SAFE_INTEGER,
  });
  const manager = createSessionManager({
    accountId: ACCOUNT,
    credentials: PASSWORD,
    domains,
    http,
    clock,
    random: () => 0,
    logger: false,
    ...rest,
  });
  const events: SessionEvent[] = [];
  manager.onChange((event) => events.push(event));
  return {
    platform,
    http,
    domains,
    clock,
    manager,
    events,
    next: (type) =>
      new Promise((resolve) => {
        const stop = manager.onChange((event) => {
          if (event.type !== type) return;
          stop();
          resolve(event);
        });
      }),
    async settled() {
      for (let quiet = 0; quiet < 5; quiet = exchanges === 0 ? quiet + 1 : 0) await turn();
    },
    async [Symbol.asyncDispose]() {
      await manager.close();
      await http.close();
      await platform.close();
    },
  };
}
