// Writes docs/json-schema/ and docs/asyncapi.json from the built schemas: `npm run build`, then run this.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as z from 'zod';

const DRAFT = 'http://json-schema.org/draft-07/schema#';
const SCHEMA_FORMAT = 'application/schema+json;version=draft-07';

/** Every document by its path in docs/, from what `@lp/schemas` exports. */
export function renderDocuments(schemas) {
  const named = namedSchemas(schemas);
  const documents = new Map();
  const write = (path, content) => documents.set(path, `${JSON.stringify(content, null, 2)}\n`);
  const requests = { ...schemas.requestRegistry, ...schemas.consumerRequestRegistry };
  for (const [name, row] of Object.entries(requests)) {
    write(requestPath(name), toJsonSchema(row.body, named, `Body of ${row.type}. ${row.description}`));
    write(responsePath(name), toJsonSchema(row.response, named, `Body of the answer to ${row.type}.`));
  }
  for (const [type, schema] of Object.entries(schemas.NotificationSchemas))
    write(notificationPath(type), toJsonSchema(schema, named, `Body of ${type}.`));
  for (const [schema, name] of named) write(typePath(name), toJsonSchema(schema, named, name));
  write('asyncapi.json', asyncApi(schemas));
  return documents;
}

const requestPath = (name) => `json-schema/requests/${name}.json`;
const responsePath = (name) => `json-schema/responses/${name}.json`;
const notificationPath = (type) => `json-schema/notifications/${type.replace(/^\./, '')}.json`;
const typePath = (name) => `json-schema/types/${name}.json`;

/** The exported schemas by their names, so that a document defines each of them once. */
function namedSchemas(schemas) {
  return new Map(
    Object.entries(schemas)
      .filter(([, value]) => value instanceof z.core.$ZodType)
      .map(([name, schema]) => [schema, name.replace(/Schema$/, '')]),
  );
}

function toJsonSchema(schema, named, title) {
  const metadata = {
    get: (one) => ({ ...z.globalRegistry.get(one), ...(one !== schema && named.has(one) && { id: named.get(one) }) }),
    has: () => true,
  };
  const { $schema: _, ...document } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    metadata,
    override: ({ jsonSchema }) => {
      delete jsonSchema.id;
    },
  });
  return { $schema: DRAFT, title, ...document };
}

function asyncApi(schemas) {
  const body = (path) => ({ $ref: `./${path}` });
  const messages = {};
  const operations = {};
  const refer = (name) => ({ $ref: `#/channels/agentSocket/messages/${name}` });
  for (const [name, row] of Object.entries(schemas.requestRegistry)) {
    messages[name] = message(name, row.description, request(row, body(requestPath(name))));
    messages[`${name}Response`] = message(
      `${name}Response`,
      `The answer to ${row.type}.`,
      response(row, body(responsePath(name))),
    );
    operations[name] = {
      action: 'send',
      channel: { $ref: '#/channels/agentSocket' },
      summary: row.description,
      messages: [refer(name)],
      reply: {
        channel: { $ref: '#/channels/agentSocket' },
        messages: [refer(`${name}Response`), refer('rejection')],
      },
    };
  }
  messages.rejection = message('rejection', 'A request was refused: the text says why.', rejection());
  for (const type of Object.keys(schemas.NotificationSchemas).filter((name) => name.startsWith('.'))) {
    const name = type.slice(type.lastIndexOf('.') + 1);
    messages[name] = message(name, `${type}.`, notification(type, body(notificationPath(type))));
    operations[`on${name}`] = {
      action: 'receive',
      channel: { $ref: '#/channels/agentSocket' },
      messages: [refer(name)],
    };
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
  };
}

function message(name, summary, schema) {
  return { name, summary, payload: { schemaFormat: SCHEMA_FORMAT, schema } };
}

function envelope(kind, properties, required) {
  return { type: 'object', properties: { kind: { const: kind }, ...properties }, required: ['kind', ...required] };
}

function request(row, body) {
  const properties = {
    id: { type: 'string', minLength: 1, maxLength: 64, description: 'Chosen by the client, unique per socket.' },
    type: { const: row.type },
    body,
    headers: { type: ['array', 'null'] },
    metadata: { type: ['array', 'null'], items: { $ref: `./${typePath('Metadata')}` }, maxItems: 32 },
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

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const docs = new URL('../../../docs/', import.meta.url);
  rmSync(new URL('json-schema/', docs), { recursive: true, force: true });
  for (const [path, text] of renderDocuments(await import('../dist/index.js'))) {
    const file = fileURLToPath(new URL(path, docs));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
