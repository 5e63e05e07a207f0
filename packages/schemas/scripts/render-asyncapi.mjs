// Content that nests itself, and what has dozens of forms: the parser of AsyncAPI resolves each place that refers to them,
// which takes minutes. schema.json has them whole.
const OUTLINED = ['RichContent', 'QuickReplies', 'Metadata', 'ConversationField'];

/** The agent socket as an AsyncAPI document; `definitions` are the schemas of its bodies. */
export function renderAsyncApi(schemas, definitions) {
  const refer = (name) => ({ $ref: `#/channels/agentSocket/messages/${name}` });
  const body = (name) => ({ $ref: `#/components/schemas/${name}` });
  const channel = { $ref: '#/channels/agentSocket' };
  const messages = {};
  const operations = {};
  for (const [name, row] of Object.entries(schemas.requestRegistry)) {
    messages[name] = message(name, row.description, request(row, body(`${name}.request`), body('RequestMetadata')));
    messages[`${name}Response`] = message(
      `${name}Response`,
      `The response to ${row.type}.`,
      response(row, body(`${name}.response`)),
    );
    operations[name] = {
      action: 'send',
      channel,
      summary: row.description,
      messages: [refer(name)],
      reply: { channel, messages: [refer(`${name}Response`), refer('rejection')] },
    };
  }
  messages.rejection = message('rejection', 'A request was refused: the text says why.', rejection());
  for (const type of Object.keys(schemas.NotificationSchemas).filter((one) => one.startsWith('.'))) {
    const name = type.slice(type.lastIndexOf('.') + 1);
    messages[name] = message(name, `${type}.`, notification(type, body(type.slice(1))));
    operations[`on${name}`] = { action: 'receive', channel, messages: [refer(name)] };
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'LivePerson agent messaging',
      version: '2.1',
      description:
        'The agent socket of the messaging platform, as a client sees it. Frames are JSON text. Unknown fields, values and notification types are to be ignored.',
    },
    defaultContentType: 'application/json',
    servers: {
      platform: {
        host: '{host}',
        protocol: 'wss',
        description: 'The host is looked up per account, as service `facadeMsg`.',
        variables: { host: { description: 'A bare host name.' } },
      },
    },
    channels: {
      agentSocket: {
        address: '/ws_api/account/{accountId}/messaging/brand/{bearer}?v=2.1',
        servers: [{ $ref: '#/servers/platform' }],
        parameters: {
          accountId: { description: 'The brand account.' },
          bearer: { description: 'The token of the login. A secret.' },
        },
        messages,
      },
    },
    operations,
    components: { schemas: reachable(messages, { ...definitions, ...outlines() }) },
  };
}

function outlines() {
  const outline = (name) => ({ type: 'object', description: `As \`$defs.${name}\` of schema.json says.` });
  return Object.fromEntries(OUTLINED.map((name) => [name, outline(name)]));
}

/** Those definitions that something refers to, directly or by way of others. */
function reachable(from, definitions) {
  const found = {};
  const visit = (value) => {
    for (const [, name] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (found[name] !== undefined) continue;
      found[name] = definitions[name];
      visit(definitions[name]);
    }
  };
  visit(from);
  return found;
}

function message(name, summary, payload) {
  return { name, summary, payload };
}

function envelope(kind, properties, required) {
  return { type: 'object', properties: { kind: { const: kind }, ...properties }, required: ['kind', ...required] };
}

function request(row, body, metadata) {
  const properties = {
    id: { type: 'string', minLength: 1, maxLength: 64, description: 'Chosen by the client, unique per socket.' },
    type: { const: row.type },
    body,
    headers: { type: ['array', 'null'] },
    metadata: { oneOf: [metadata, { type: 'null' }] },
    encodedMetadata: { type: 'string' },
  };
  return envelope('req', properties, ['id', 'type', 'body']);
}

function response(row, body) {
  const properties = {
    reqId: { type: 'string', description: 'The id of the request.' },
    code: { type: 'integer', minimum: 200, maximum: 399 },
    type: { type: 'string', examples: [row.responseTypes[0]] },
    body,
  };
  return envelope('resp', properties, ['reqId', 'code', 'type']);
}

function rejection() {
  const properties = {
    reqId: { type: 'string', description: 'The id of the request.' },
    code: { type: 'integer', minimum: 400 },
    type: { type: 'string', examples: ['.ReqBody$StringResp'] },
    body: { description: 'As a rule a text.' },
  };
  return envelope('resp', properties, ['reqId', 'code']);
}

function notification(type, body) {
  return envelope('notification', { type: { const: type }, body }, ['type', 'body']);
}
