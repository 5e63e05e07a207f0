import type { DomainResolver, HttpClient, Session } from '@lp/auth';
import { ConfigError, type Logger, LpError } from '@lp/core';
import type { Identities } from '../inbound/mapping/index.ts';
import type { Call } from './call.ts';

const TIMEOUT_MS = 3_000;

/** What finding out who a session belongs to needs. */
export interface OwnIdsParts {
  readonly identities: Identities;
  readonly session: Session;
  readonly call: Call;
  readonly http: HttpClient;
  readonly domains: DomainResolver;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Finds the ids of the agent that a session of the program's own came without: the old id from the profile over the
 * socket, the PID from the account's list of users. A PID that cannot be found out is not an error yet: most programs never
 * need it.
 *
 * @throws ConfigError when the platform does not say whose session it is.
 */
export async function learnOwnIds(parts: OwnIdsParts): Promise<void> {
  const { identities, logger } = parts;
  if (identities.userId === '' || identities.agentId === undefined) await askProfile(parts);
  if (identities.userId === '') {
    throw new ConfigError('the platform does not say whose session this is: give credentials.userId with the token');
  }
  if (identities.agentId !== undefined) return;
  const pid = await askAccount(parts);
  if (pid !== undefined) identities.complete({ agentId: pid });
  else logger.info('the PID of the agent is not known; give credentials.userPid where it is needed');
}

async function askProfile({ identities, call, signal }: OwnIdsParts): Promise<void> {
  let id: unknown;
  try {
    ({ userId: id } = await call('getUserProfile', undefined, { signal, timeoutMs: TIMEOUT_MS }));
  } catch (error) {
    signal.throwIfAborted();
    // Without the old id nothing works, so that a connection which gives no response, or is refused for now, is to be tried again.
    const isNo = LpError.isInstance(error) && error.code === 'REQUEST_REJECTED' && !error.retryable;
    if (identities.userId === '' && LpError.isInstance(error) && !isNo) throw error;
    return;
  }
  if (typeof id !== 'string' || id === '') return;
  const prefix = `${identities.accountId}.`;
  identities.complete(id.startsWith(prefix) ? { userId: id.slice(prefix.length) } : { agentId: id });
}

async function askAccount({ identities, session, http, domains, signal }: OwnIdsParts): Promise<string | undefined> {
  const service = 'accountConfigReadOnly';
  try {
    const response = await http.request({
      method: 'GET',
      origin: await domains.origin(service, { signal }),
      path: `/api/account/${identities.accountId}/configuration/le-users/users/${encodeURIComponent(identities.userId)}`,
      query: { v: '5.0' },
      headers: { authorization: `Bearer ${session.bearer}` },
      timeoutMs: TIMEOUT_MS,
      signal,
      service,
    });
    const { pid } = (response.status === 200 ? response.json() : {}) as { pid?: unknown };
    return typeof pid === 'string' && pid !== '' ? pid : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** @throws ConfigError when the PID is not known. */
export function knownAgentId(agentId: string | undefined): string {
  if (agentId !== undefined) return agentId;
  throw new ConfigError(
    'agentId is not known: the token came without it and the platform does not tell it; give it as credentials.userPid',
  );
}
