import { ConfigError } from '@lp/core';
import * as z from 'zod';
import type { DomainResolver } from './domains.ts';
import { tokenSchema } from './schemas.ts';
import type { Session } from './session.ts';

/** What a custom provider is told. */
export interface ProviderContext {
  accountId: string;
  /** `renewal` when a session was there before. */
  reason: 'first' | 'renewal';
  /** Aborted when nobody waits for the session any more, and when the manager is closed. */
  signal: AbortSignal;
  domains: DomainResolver;
  /** 1, and one more for each try since the last success. */
  attempt: number;
}

/** The ways to log in. */
export type Credentials =
  | { username: string; password: string }
  | { username: string; appKey: string; secret: string; accessToken: string; accessTokenSecret: string }
  | { token: string; userId: string }
  | { assertion: string }
  | { provider: (context: ProviderContext) => Promise<Session> };

const text = z.string().min(1);

/** The names of the fields of each way, most specific field first. */
const WAYS = {
  'user and password': ['password', 'username'],
  'API key': ['appKey', 'secret', 'accessToken', 'accessTokenSecret', 'username'],
  'own bearer': ['token', 'userId'],
  'SAML assertion': ['assertion'],
  'custom provider': ['provider'],
} as const;

const ways = z.union([
  z.strictObject({ username: text, password: text }),
  z.strictObject({ username: text, appKey: text, secret: text, accessToken: text, accessTokenSecret: text }),
  z.strictObject({ token: tokenSchema, userId: text }),
  z.strictObject({ assertion: text }),
  z.strictObject({
    provider: z.custom<(context: ProviderContext) => Promise<Session>>((value) => typeof value === 'function'),
  }),
]);

/** Validates {@link Credentials}. Its one issue says in words what is missing or too much, never a value. */
export const CredentialsSchema: z.ZodType<Credentials> = z.custom<Credentials>(
  (value) => ways.safeParse(value).success,
  // The union's own issues would name one of five ways at random.
  { error: (issue) => describeCredentials(issue.input) },
);

/** @throws ConfigError that says in words what is missing. */
export function parseCredentials(credentials: unknown): Credentials {
  const parsed = CredentialsSchema.safeParse(credentials);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues[0]?.message ?? describeCredentials(credentials));
}

function describeCredentials(input: unknown): string {
  const all = Object.entries(WAYS).map(([way, fields]) => `${way} (${fields.toReversed().join(', ')})`);
  const list = `one of: ${all.join('; ')}`;
  if (typeof input !== 'object' || input === null) return `credentials must be ${list}`;
  const given = Object.keys(input).filter((name) => (input as Record<string, unknown>)[name] !== undefined);
  const meant = Object.entries(WAYS).filter(
    ([, fields]) => given.includes(fields[0]) || fields.some((f) => f !== 'username' && given.includes(f)),
  );
  const [only] = meant;
  if (!only)
    return given.includes('username')
      ? `credentials hold a username but no password and no API key: give ${list}`
      : `credentials must be ${list}`;
  if (meant.length > 1) return `credentials mix ${meant.map(([way]) => way).join(' and ')}: give one way only`;
  const [way, fields] = only;
  const missing = fields.filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !(fields as readonly string[]).includes(name) && /^\w{1,40}$/.test(name));
  if (missing.length > 0) return `credentials for ${way} lack ${missing.join(', ')}`;
  if (unknown.length > 0) return `credentials for ${way} hold ${unknown.join(', ')}, which is not known there`;
  return `credentials for ${way} hold an empty or malformed field among ${fields.join(', ')}`;
}
