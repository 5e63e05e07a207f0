import { AuthError, Secret } from '@lp/core';
import { summarizeIssues } from '@lp/core/internal';
import * as z from 'zod';
import { CookieJar } from './cookies.ts';
import type { HttpResponse } from './http-response.ts';
import { idSchema, tokenSchema } from './schemas.ts';

/**
 * What a login gives. The secret fields (`bearer`, `csrf`, `cookies`) are read by name only: they are not copied by a
 * spread and not shown by JSON, `util.inspect` or a log.
 */
export interface Session {
  /** The token of the socket and of REST calls. */
  readonly bearer: string;
  /** Needed to refresh and to log out; a session without it can only be renewed. */
  readonly csrf?: string | undefined;
  /** The session's cookies as a `Cookie` header. */
  readonly cookies?: string | undefined;
  /** The numeric part of the agent's old id, as text. Empty with a session of your own that was given without it. */
  readonly userId: string;
  /** The agent's own id (`config.userPid`). Missing with a bearer or session of your own that was given without it. */
  readonly agentId?: string | undefined;
  /** Milliseconds since the epoch, when the platform said how long the session lives without a refresh. */
  readonly expiresAt?: number | undefined;
  /** The login name, where the platform says it. */
  readonly loginName?: string | undefined;
}

/** What has JSON in between has null for what is missing. */
const orNull = <T>(field: z.ZodType<T>) => field.nullish().transform((value) => value ?? undefined);

const SessionSchema = z.object({
  bearer: tokenSchema,
  csrf: orNull(z.string().min(1)),
  cookies: orNull(z.string().regex(/^[\x20-\x7e]*$/)),
  userId: idSchema,
  agentId: orNull(idSchema),
  expiresAt: orNull(z.number()),
  loginName: orNull(z.string()),
});

/** A {@link Session} that keeps its secrets to itself. */
export class ProtectedSession implements Session {
  readonly userId: string;
  declare readonly agentId?: string;
  declare readonly expiresAt?: number;
  declare readonly loginName?: string;
  readonly #bearer: Secret;
  readonly #csrf: Secret | undefined;
  readonly #jar: CookieJar;

  constructor(fields: Session, jar: CookieJar = CookieJar.from(fields.cookies ?? '')) {
    this.userId = fields.userId;
    const { agentId, expiresAt, loginName } = fields;
    Object.assign(
      this,
      agentId === undefined ? {} : { agentId },
      expiresAt === undefined ? {} : { expiresAt },
      loginName === undefined ? {} : { loginName },
    );
    this.#bearer = new Secret(fields.bearer);
    this.#csrf = fields.csrf === undefined ? undefined : new Secret(fields.csrf);
    this.#jar = jar;
  }

  get bearer(): string {
    return this.#bearer.reveal();
  }

  get csrf(): string | undefined {
    return this.#csrf?.reveal();
  }

  get cookies(): string | undefined {
    return this.#jar.header();
  }

  /** Keeps the cookies that a response of the login service has set. */
  async takeCookies(headers: HttpResponse['headers']): Promise<void> {
    await this.#jar.take(headers);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return Object.fromEntries(Object.entries(this));
  }
}

/**
 * The given session with its secrets protected: null counts as missing, and an id may be a number.
 * @throws AuthError that says what is wrong with it. It may be tried again: what gave a good one gives one again.
 */
export function protectSession(session: Session): ProtectedSession {
  if (session instanceof ProtectedSession) return session;
  const parsed = SessionSchema.safeParse(session, { jitless: true });
  if (!parsed.success) {
    throw new AuthError(`the credentials provider gave no usable session: ${summarizeIssues(parsed.error)}`, {
      retryable: true,
    });
  }
  return new ProtectedSession(parsed.data);
}
