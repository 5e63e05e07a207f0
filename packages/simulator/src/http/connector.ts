import { type Caller, isObject, optionalText, readMetadata } from '../handlers/call.ts';
import { readMessage } from '../handlers/messages.ts';
import { perform } from '../handlers/perform.ts';
import { textOf } from '../json.ts';
import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { type RequestName, requestOf } from '../wire.ts';
import { clientPropertiesOf } from '../ws/init-connection.ts';
import { type Exchange, jsonBody, sendJson } from './exchange.ts';

/** What a connector may ask for in its consumer's name: nothing that would be told on a socket. */
const ALLOWED: readonly RequestName[] = [
  'SetUserProfile',
  'ConsumerRequestConversation',
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

/**
 * Opens a conversation: a list of the consumer's profile, the conversation, and if there is something to say in it messages
 * without a dialog, which only the response names. A list that is refused changes nothing.
 */
export function createConversation(exchange: Exchange, platform: Platform): void {
  respond(exchange, () => {
    const caller = onBehalf(exchange, platform);
    const list: unknown = jsonBody(exchange);
    if (!Array.isArray(list)) throw new Refusal(400, 'A list of two requests is needed');
    const [profile, conversation, ...messages] = list.map((item) => read(item));
    if (profile?.name !== 'SetUserProfile' || conversation?.name !== 'ConsumerRequestConversation') {
      throw new Refusal(400, 'SetUserProfile must come first, then ConsumerRequestConversation');
    }
    for (const message of messages) checkFirstMessage(caller, message);
    // The conversation is the last that can be refused, so nothing is done before it.
    const opened = carryOut(platform, caller, conversation);
    const { conversationId } = opened.body as { conversationId: string };
    return [
      carryOut(platform, caller, profile),
      opened,
      ...messages.map((message) =>
        carryOut(platform, caller, { ...message, body: { ...fieldsOf(message), dialogId: conversationId } }),
      ),
    ];
  });
}

/** @throws Refusal for what is no message, or is meant for a dialog that cannot be the new one. */
function checkFirstMessage(caller: Caller, request: ReadRequest): void {
  if (request.name !== 'PublishEvent') throw new Refusal(400, 'Only PublishEvent may follow');
  const fields = fieldsOf(request);
  readMessage({ fields, caller });
  if (['dialogId', 'conversationId'].some((name) => optionalText(fields, name))) {
    throw new Refusal(400, 'Dialog does not exist');
  }
}

const fieldsOf = ({ body }: ReadRequest): Record<string, unknown> => (isObject(body) ? body : {});

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

/** The consumer whom an application acts for. @throws Refusal that says which of the two tokens is wrong, or for too many. */
function onBehalf({ request, url }: Exchange, platform: Platform): Caller {
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
  platform.rates.take(consumer.id, url.pathname);
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
  const name = requestOf(textOf(type))?.name;
  if (!name || !ALLOWED.includes(name)) throw new Refusal(400, 'The type of a request is unknown here');
  return {
    id: typeof id === 'number' || typeof id === 'string' ? String(id) : '',
    name,
    body,
    metadata: readMetadata(metadata),
  };
}

function carryOut(platform: Platform, caller: Caller, { id, name, body, metadata }: ReadRequest) {
  const result = perform(platform, caller, name, body, metadata);
  return { code: 'OK', body: typeof result === 'string' ? { msg: result } : result, reqId: id };
}
