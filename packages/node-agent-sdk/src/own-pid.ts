import type { Session } from '@lp/auth';
import type { Transport } from '@lp/transport';
import { REQUEST_TYPES } from './request-names.ts';
import type { Services } from './services.ts';

const TIMEOUT_MS = 3_000;
const USERS = 'accountConfigReadOnly';

/** What finding out whose bearer it is needs. */
export interface OwnPidParts {
  readonly accountId: string;
  readonly session: Session;
  readonly transport: Transport;
  readonly services: Services;
}

/**
 * The PID of an agent whose bearer came without it: by the agent's own profile, else by the account's list of users.
 * Undefined where neither says it. Never rejects.
 */
export async function askOwnPid(parts: OwnPidParts): Promise<string | undefined> {
  return (await ask(() => byProfile(parts))) ?? (await ask(() => byUsers(parts)));
}

async function byProfile({ accountId, transport }: OwnPidParts): Promise<unknown> {
  const { body } = await transport.request({ type: REQUEST_TYPES.getUserProfile, body: {} }, { timeoutMs: TIMEOUT_MS });
  const { userId } = (body ?? {}) as { userId?: unknown };
  // A platform that knows agents by their old ids says that one.
  return String(userId).startsWith(`${accountId}.`) ? undefined : userId;
}

async function byUsers({ accountId, session, services }: OwnPidParts): Promise<unknown> {
  const response = await services.http.request({
    method: 'GET',
    origin: await services.domains.origin(USERS),
    path: `/api/account/${accountId}/configuration/le-users/users/${encodeURIComponent(session.userId)}`,
    query: { v: '5.0' },
    headers: { authorization: `Bearer ${session.bearer}` },
    timeoutMs: TIMEOUT_MS,
    service: USERS,
  });
  return response.status === 200 ? (response.json() as { pid?: unknown }).pid : undefined;
}

async function ask(question: () => Promise<unknown>): Promise<string | undefined> {
  const response = await question().catch(() => undefined);
  return typeof response === 'string' && response !== '' ? response : undefined;
}
