import { type Client, Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import type { RequestName } from '../wire.ts';
import { type Caller, isObject } from './call.ts';
import { handlers } from './index.ts';

/** Stands in for the socket of a REST caller, who has none to be told anything on. */
const NO_SOCKET: Client = {
  id: '',
  kind: 'agent',
  partyId: '',
  open: false,
  seesSuggested: true,
  notify: () => undefined,
};

/** Carries out one of the sockets' requests for a REST caller and gives its response. @throws Refusal */
export function perform(
  platform: Platform,
  caller: Caller,
  name: RequestName,
  body: unknown,
  metadata?: unknown[],
): unknown {
  const { code = 200, body: response } = handlers[name]({
    platform,
    client: NO_SOCKET,
    caller,
    dialect: caller.kind === 'agent' ? 'v2' : 'v3',
    body,
    fields: isObject(body) ? body : {},
    metadata,
    encodedMetadata: undefined,
  });
  if (code >= 400) throw new Refusal(code, String(response));
  return response;
}
