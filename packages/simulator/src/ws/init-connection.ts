import { type Caller, isObject } from '../handlers/call.ts';
import { readJson, textOf } from '../json.ts';
import type { Platform } from '../platform/platform.ts';

/** What opened a socket: its end closes the socket. */
export interface Credential {
  readonly expiresAt: number;
  /** Whether it is a consumer's whom no brand knows. */
  readonly isAnonymous?: boolean;
}

type Result = { caller: Caller; credential: Credential } | { close: number; reason: string };

/** The code that tells whom to ask for another: the brand or the login, or for a consumer without a name the platform. */
export const expiredCode = ({ isAnonymous = false }: Credential): number => (isAnonymous ? 4407 : 4401);

/** Reads who a consumer is from the headers of InitConnection. */
export function initialise(platform: Platform, headers: unknown): Result {
  const list: unknown[] = Array.isArray(headers) ? headers : [headers];
  const find = (suffix: string) =>
    list.filter(isObject).find((header) => textOf(header['type']).endsWith(suffix)) ?? {};
  const { jwt } = find('ConsumerAuthentication') as { jwt?: unknown };
  if (typeof jwt !== 'string' || jwt === '') return { close: 4401, reason: 'identity token is missing' };
  const credential = platform.consumers.readToken(jwt);
  if (!credential) return { close: 4407, reason: 'identity token is invalid' };
  if (credential.expiresAt <= platform.clock.now()) {
    return { close: expiredCode(credential), reason: 'identity token has expired' };
  }
  const consumer = platform.consumers.get(credential.consumerId);
  consumer.clientProperties = completed(find('ClientProperties'));
  return { caller: { kind: 'consumer', consumer }, credential };
}

/** Reads who a consumer is from the headers or the query of the upgrade; undefined when it does not say. */
export function fromUpgrade(platform: Platform, authorization: string, properties: string): Result | undefined {
  const jwt = /^jwt\s+(.+)$/i.exec(authorization)?.[1];
  if (jwt === undefined) return undefined;
  return initialise(platform, [
    { ...parse(properties), type: 'ClientProperties' },
    { type: 'ConsumerAuthentication', jwt },
  ]);
}

/** Client properties from a header, as notifications show them. */
export const clientPropertiesOf = (header: string): object => completed(parse(header));

/** The platform adds the address, and names the type in its own way. */
function completed({ type: _header, ...properties }: { type?: unknown }): object {
  return { type: '.ClientProperties', ipAddress: '127.0.0.1', ...properties };
}

function parse(text: string): object {
  const value = readJson(text);
  return isObject(value) ? value : {};
}
