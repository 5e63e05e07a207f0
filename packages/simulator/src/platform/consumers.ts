import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@lp/core';
import type { Random } from '../random.ts';
import type { Client, Conversation } from './model.ts';

export interface ConsumerRecord {
  readonly id: string;
  /** What SetUserProfile has set, over what the token claims. */
  profile: Record<string, unknown>;
  clientProperties: object | undefined;
  readonly clients: Set<Client>;
  readonly conversations: Conversation[];
  /** The consumers without a name that this one was before signing in. */
  readonly formerIds: string[];
}

export interface TokenRequest {
  consumerId: string;
  /** Issuer of the brand's own identity, for authenticated consumers. */
  authenticatedBy?: string;
  /** Whether a connector gets it, which looks up the consumer's id in a claim of its own. */
  forConnector?: boolean;
}

export interface ConsumerToken {
  readonly consumerId: string;
  readonly expiresAt: number;
  /** Whether only the platform knows the consumer, and no brand has said who they are. */
  readonly isAnonymous: boolean;
}

interface Claims {
  sub: string;
  aud: string;
  exp: number;
  /** What the brand's identity provider said. */
  'lp.ext'?: object;
}

const TOKEN_TTL_S = 60 * 60;
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The consumers of the account and their identity tokens. */
export class ConsumerDirectory {
  readonly #accountId: string;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #byId = new Map<string, ConsumerRecord>();

  constructor(accountId: string, clock: Clock, random: Random) {
    this.#accountId = accountId;
    this.#clock = clock;
    this.#key = random.hex(64);
  }

  find(id: string): ConsumerRecord | undefined {
    return this.#byId.get(id);
  }

  /** The consumer of this id; new ones are made when first heard of. */
  get(id: string): ConsumerRecord {
    let consumer = this.#byId.get(id);
    if (!consumer) {
      consumer = {
        id,
        profile: {},
        clientProperties: undefined,
        clients: new Set(),
        conversations: [],
        formerIds: [],
      };
      this.#byId.set(id, consumer);
    }
    return consumer;
  }

  /** The id of the consumer whom the brand knows by `name`: 64 hex characters, always the same. */
  idOf(name: string): string {
    return createHmac('sha256', this.#key).update(name).digest('hex');
  }

  /** A signed token, as the identity provider gives out. */
  issueToken({ consumerId, authenticatedBy, forConnector = false }: TokenRequest): string {
    const now = Math.floor(this.#clock.now() / 1000);
    const claims = {
      sub: consumerId,
      aud: `acc:${this.#accountId}`,
      iss: 'https://idp.liveperson.net',
      exp: now + TOKEN_TTL_S,
      iat: now,
      ...(authenticatedBy === undefined ? {} : { 'lp.ext': { sub: consumerId, iss: authenticatedBy } }),
      ...(forConnector ? { lp_consumer_id: consumerId } : {}),
    };
    const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
    return `${content}.${this.#sign(content)}`;
  }

  /** The consumer a token names; `invalid` or `expired` otherwise. */
  verifyToken(token: string): ConsumerRecord | 'invalid' | 'expired' {
    const read = this.readToken(token);
    if (!read) return 'invalid';
    return read.expiresAt <= this.#clock.now() ? 'expired' : this.get(read.consumerId);
  }

  /** What a token says that is one of ours, expired or not. */
  readToken(token: string): ConsumerToken | undefined {
    const [head, body, signature, ...more] = token.split('.');
    if (head === undefined || body === undefined || signature === undefined || more.length > 0) return undefined;
    const expected = Buffer.from(this.#sign(`${head}.${body}`));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
    if (claims.aud !== `acc:${this.#accountId}`) return undefined;
    return { consumerId: claims.sub, expiresAt: claims.exp * 1000, isAnonymous: claims['lp.ext'] === undefined };
  }

  #sign(content: string): string {
    return createHmac('sha256', this.#key).update(content).digest('base64url');
  }
}
