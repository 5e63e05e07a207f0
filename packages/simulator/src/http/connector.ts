import { type Caller, isObject, readMetadata } from '../handlers/call.ts';
import { perform } from '../handlers/perform.ts';
import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { type RequestName, requestOf } from '../wire.ts';
import { clientPropertiesOf } from '../ws/init-connection.ts';
import { type Exchange, jsonBody, sendJson } from './exchange.ts';

const OPENING: readonly RequestName[] = ['SetUserProfile', 'ConsumerRequestConversation'];
/** What a connector may ask for in its consumer's name: nothing that would be told on a socket. */
const ALLOWED: readonly RequestName[] = [
  ...OPENING,
  'PublishEvent',
  'UpdateConversationField',
  'GetUserProfile',
  'GenerateURLForUploadFile',
  'GenerateURLForDownloadFile',
];

/** An error of this API: a title, details, and a code of its own. */
class SendRefusal extends Refusal {
  readonly title: string;
  readonly errorCode: number;

  constructor(code: number, errorCode: number, title: string, details: string) {
    super(code, details);
    this.errorCode = errorCode;
    this.title = title;
  }
}

/** Opens a conversation: a list of requests that begins with the consumer's profile and the conversation. */
export function createConversation(exchange: Exchange, platform: Platform): void {
  respond(exchange, () => {
    const caller = onBehalf(exchange, platform);
    const list: unknown = jsonBody(exchange);
    if (!Array.isArray(list) || list.length < OPENING.length)
      throw new Refusal(400, 'A list of two requests is needed');
    const requests = list.map((item) => read(item));
    if (OPENING.some((name, i) => requests[i]?.name !== name)) {
      throw new Refusal(400, 'SetUserProfile must come first, then ConsumerRequestConversation');
    }
    return requests.map((request) => carryOut(platform, caller, request));
  });
}

/** One request in the consumer's name, as a message. */
export function sendRequest(exchange: Exchange, platform: Platform): void {
  respond(exchange, () => carryOut(platform, onBehalf(exchange, platform), read(jsonBody(exchange))));
}

function respond({ response, url }: Exchange, make: () => object): void {
  try {
    if ((url.searchParams.get('v') ?? '3') !== '3') throw new Refusal(400, 'v must be 3');
    sendJson(response, 200, make());
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message: details } = error;
    const { title, errorCode } =
      error instanceof SendRefusal ? error : { title: 'Request refused', errorCode: code * 100 };
    const body = { title, details, errorCode };
    sendJson(response, code, { kind: 'resp', code, body, type: '.ReqBody$ErrorResp' });
  }
}

/** The consumer whom an application acts for. @throws SendRefusal that says which of the two tokens is wrong. */
function onBehalf({ request }: Exchange, platform: Platform): Caller {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    throw new SendRefusal(401, 40_105, 'AppJWT is missing', 'AUTHORIZATION header is not present');
  }
  if (!platform.apps.verifyToken(authorization.replace(/^bearer\s+/i, ''))) {
    throw new SendRefusal(401, 40_102, 'Invalid AppJWT', 'AppJWT has expired or is invalid');
  }
  const consumerToken = request.headers['x-lp-on-behalf'];
  if (typeof consumerToken !== 'string') {
    throw new SendRefusal(401, 40_104, 'ConsumerJWS is missing', 'X_ON_BEHALF_HEADER is not present');
  }
  const consumer = platform.consumers.verifyToken(consumerToken);
  if (typeof consumer === 'string') {
    throw new SendRefusal(401, 40_103, 'Invalid ConsumerJWS', 'ConsumerJWS is invalid');
  }
  const properties = request.headers['client-properties'];
  if (typeof properties === 'string') consumer.clientProperties = clientPropertiesOf(properties);
  return { kind: 'consumer', consumer };
}

interface ReadRequest {
  readonly id: string;
  readonly name: RequestName;
  readonly body: unknown;
  readonly metadata: unknown[] | undefined;
}

function read(value: unknown): ReadRequest {
  if (!isObject(value)) throw new Refusal(400, 'The request is not a JSON object');
  const { id, type, body, metadata } = value;
  const name = requestOf(String(type))?.name;
  if (!name || !ALLOWED.includes(name)) throw new Refusal(400, 'The type of a request is unknown here');
  return {
    id: typeof id === 'number' || typeof id === 'string' ? String(id) : '',
    name,
    body,
    metadata: readMetadata(metadata),
  };
}

function carryOut(platform: Platform, caller: Caller, { id, name, body, metadata }: ReadRequest): object {
  const result = perform(platform, caller, name, body, metadata);
  return { code: 'OK', body: typeof result === 'string' ? { msg: result } : result, reqId: id };
}
