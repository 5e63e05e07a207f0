import { type Caller, isObject } from '../handlers/call.ts';
import type { Platform } from '../platform/platform.ts';

type Result = Caller | { close: number; reason: string };

/** Reads who a consumer is from the headers of InitConnection. */
export function initialise(platform: Platform, headers: unknown): Result {
  const list: unknown[] = Array.isArray(headers) ? headers : [headers];
  const find = (suffix: string) =>
    list.filter(isObject).find((header) => String(header['type']).endsWith(suffix)) ?? {};
  const { jwt } = find('ConsumerAuthentication') as { jwt?: unknown };
  if (typeof jwt !== 'string' || jwt === '') return { close: 4401, reason: 'identity token is missing' };
  const consumer = platform.consumers.verifyToken(jwt);
  if (consumer === 'expired') return { close: 4401, reason: 'identity token has expired' };
  if (consumer === 'invalid') return { close: 4407, reason: 'identity token is invalid' };
  consumer.clientProperties = completed(find('ClientProperties'));
  return { kind: 'consumer', consumer };
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
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
