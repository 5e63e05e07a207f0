import { ConfigError } from '@lp/core';
import * as z from 'zod';
import { describeCredentials } from './credentials-words.ts';
import type { DomainResolver } from './domain-types.ts';
import { cookieValueSchema, tokenSchema } from './schemas.ts';
import type { Session } from './session.ts';

/** What a custom provider is told. */
export interface ProviderContext {
  /** The account to log in at. */
  accountId: string;
  /** `renewal` when a session was there before. */
  reason: 'first' | 'renewal';
  /** Aborted when nobody waits for the session any more, after a minute, and when the manager is closed. */
  signal: AbortSignal;
  /** Finds the account's hosts. */
  domains: DomainResolver;
  /** 1, and one more for each try since the last success. */
  attempt: number;
}

/** A bot user with the OAuth 2.0 client credentials of an application that is installed on the account. */
export interface ClientCredentials {
  /** The bot user's login name. */
  username: string;
  /** As the application was given it. */
  clientId: string;
  /** As the application was given it. */
  clientSecret: string;
}

/**
 * A bot user with an API key.
 * @deprecated The vendor ended support on 30 September 2025 and the login itself on 30 April 2026: use {@link ClientCredentials}.
 */
export interface ApiKeyCredentials {
  /** The bot user's login name. */
  username: string;
  /** The key's first part. */
  appKey: string;
  /** The key's secret. */
  secret: string;
  /** The access token of the key. */
  accessToken: string;
  /** The access token's secret. */
  accessTokenSecret: string;
}

/** A session that was made elsewhere. It is refreshed and, with `logoutOnClose`, ended; nothing can renew it. */
export interface SessionCredentials {
  /** The bearer. */
  token: string;
  /** What the login gave with it; refreshing needs it. */
  csrf: string;
  /** The value of the session's cookie. */
  sessionId: string;
  /** The numeric part of the agent's old id; an agent learns it over its socket when it is left out. */
  userId?: string | undefined;
  /** The agent's PID. An agent without it looks it up; see `AgentConnection.agentId`. */
  userPid?: string | undefined;
}

/** A bearer that was made elsewhere, and nothing else: it can be neither refreshed nor renewed. */
export interface BearerCredentials {
  /** The bearer. */
  token: string;
  /** The numeric part of the agent's old id, as text. */
  userId: string;
  /** The agent's PID. An agent without it looks it up; see `AgentConnection.agentId`. */
  userPid?: string | undefined;
}

/** The ways to log in. */
export type Credentials =
  | ClientCredentials
  | { username: string; password: string }
  | ApiKeyCredentials
  | SessionCredentials
  | BearerCredentials
  | { assertion: string }
  | { provider: (context: ProviderContext) => Promise<Session> };

const text = z.string().min(1);
/** What an application is given; a blank or line end around it was copied with it by mistake. */
const issued = z.string().regex(/^\S(?:.*\S)?$/);

const ways = z.union([
  z.strictObject({ username: text, clientId: issued, clientSecret: issued }),
  z.strictObject({ username: text, password: text }),
  z.strictObject({ username: text, appKey: text, secret: text, accessToken: text, accessTokenSecret: text }),
  z.strictObject({
    token: tokenSchema,
    csrf: tokenSchema,
    sessionId: cookieValueSchema,
    userId: text.optional(),
    userPid: text.optional(),
  }),
  z.strictObject({ token: tokenSchema, userId: text, userPid: text.optional() }),
  z.strictObject({ assertion: text }),
  z.strictObject({
    provider: z.custom<(context: ProviderContext) => Promise<Session>>((value) => typeof value === 'function'),
  }),
]);

/** Validates {@link Credentials}. Its one issue says in words what is missing or too much, never a value. */
export const CredentialsSchema: z.ZodType<Credentials> = z.custom<Credentials>(
  (value) => ways.safeParse(given(value), { jitless: true }).success,
  // The union's own issues would name one of the ways at random.
  { error: (issue) => describeCredentials(given(issue.input)) },
);

/** Credentials without what was left out by the name alone, as `token: process.env.TOKEN` leaves it. */
function given(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !Object.values(value).includes(undefined)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}

/** @throws ConfigError that says in words what is missing. */
export function parseCredentials(credentials: unknown): Credentials {
  const parsed = CredentialsSchema.safeParse(credentials, { jitless: true });
  if (parsed.success) return given(parsed.data) as Credentials;
  throw new ConfigError(parsed.error.issues[0]?.message ?? describeCredentials(credentials));
}

/** Whether a new session can be had without the program's user. */
export function isRenewable(credentials: Credentials): boolean {
  return !('token' in credentials);
}
