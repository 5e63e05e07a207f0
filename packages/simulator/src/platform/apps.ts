import { createECDH, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type Clock, ConfigError } from '@lp/core';
import { checkOptionNames } from '@lp/core/internal';
import type { Random } from '../random.ts';

/** A server application that is installed in the account, as a connector is. What is left out is made from the seed. */
export interface SimulatedApp {
  /** The name of the application. */
  clientId?: string;
  /** Its secret. */
  clientSecret?: string;
  /** What its tokens allow. Default `msg.consumer`. */
  scope?: string;
  /** The usernames of the bots that log in with its credentials. Default: all. */
  users?: readonly string[];
}

/** A {@link SimulatedApp} with everything filled in. */
export type InstalledApp = Readonly<Required<Omit<SimulatedApp, 'users'>>> & Pick<SimulatedApp, 'users'>;

const TOKEN_TTL_S = 60 * 60;
const KEY_ID = 'lp-simulator';
const ALGORITHM = 'sha256';
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** @throws ConfigError that says which app and which field is wrong. */
export function completeApps(given: readonly SimulatedApp[], random: Random): readonly InstalledApp[] {
  if (!Array.isArray(given)) throw new ConfigError('apps must be a list');
  const apps = given.map((app: SimulatedApp, i) => {
    checkOptionNames(`apps[${i}]`, app, ['clientId', 'clientSecret', 'scope', 'users']);
    for (const field of ['clientId', 'clientSecret', 'scope'] as const) {
      if (app[field] !== undefined && typeof app[field] !== 'string') {
        throw new ConfigError(`apps[${i}].${field} must be text`);
      }
    }
    const { users } = app;
    if (users !== undefined && !(Array.isArray(users) && users.every((user) => typeof user === 'string'))) {
      throw new ConfigError(`apps[${i}].users must be a list of usernames`);
    }
    return {
      ...(users === undefined ? {} : { users }),
      clientId: app.clientId ?? random.uuid(),
      clientSecret: app.clientSecret ?? random.hex(32),
      scope: app.scope ?? 'msg.consumer',
    };
  });
  if (new Set(apps.map((app) => app.clientId)).size < apps.length)
    throw new ConfigError('two apps have the same clientId');
  return apps;
}

/** The account's applications and their tokens, signed with a key that everybody may check them with. */
export class AppDirectory {
  readonly all: readonly InstalledApp[];
  readonly #accountId: string;
  readonly #clock: Clock;
  readonly #random: Random;
  #key: KeyObject | undefined;

  constructor(accountId: string, apps: readonly InstalledApp[], clock: Clock, random: Random) {
    this.#accountId = accountId;
    this.all = apps;
    this.#clock = clock;
    this.#random = random;
  }

  find(clientId: string | null, clientSecret: string | null): InstalledApp | undefined {
    return this.all.find((app) => app.clientId === clientId && app.clientSecret === clientSecret);
  }

  issueToken({ clientId, scope }: InstalledApp): string {
    const iat = Math.floor(this.#clock.now() / 1000);
    const claims = { aud: this.#accountId, azp: clientId, scope, iss: 'Sentinel', exp: iat + TOKEN_TTL_S, iat };
    const content = `${encode({ kid: KEY_ID, typ: 'JWT', alg: 'ES256' })}.${encode(claims)}`;
    const signature = sign(ALGORITHM, Buffer.from(content), { key: this.#privateKey(), dsaEncoding: 'ieee-p1363' });
    return `${content}.${signature.toString('base64url')}`;
  }

  /** The application of a token that holds and has not expired. */
  verifyToken(token: string): InstalledApp | undefined {
    const [head, body, signature = ''] = token.split('.');
    if (head === undefined || body === undefined) return undefined;
    const key = { key: this.#privateKey(), dsaEncoding: 'ieee-p1363' } as const;
    const content = Buffer.from(`${head}.${body}`);
    if (!verify(ALGORITHM, content, key, Buffer.from(signature, 'base64url'))) return undefined;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as { azp: string; exp: number };
    return claims.exp * 1000 > this.#clock.now() ? this.all.find((app) => app.clientId === claims.azp) : undefined;
  }

  /** The public key, as a set of JSON web keys. */
  publicKeys(): object {
    const key = createPublicKey(this.#privateKey()).export({ format: 'jwk' });
    return { keys: [{ ...key, kid: KEY_ID, use: 'sig', alg: 'ES256' }] };
  }

  /** Made when first needed: most simulators never give out such a token. */
  #privateKey(): KeyObject {
    if (this.#key) return this.#key;
    const curve = createECDH('prime256v1');
    curve.setPrivateKey(this.#random.hex(64), 'hex');
    const [x, y] = [curve.getPublicKey().subarray(1, 33), curve.getPublicKey().subarray(33)];
    const parts = Object.entries({ x, y, d: curve.getPrivateKey() });
    const jwk = Object.fromEntries(parts.map(([name, value]) => [name, value.toString('base64url')]));
    this.#key = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', ...jwk }, format: 'jwk' });
    return this.#key;
  }
}
