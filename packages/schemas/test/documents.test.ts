import { Parser } from '@asyncapi/parser';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { renderDocuments } from '../scripts/render-documents.mjs';
import * as schemas from '../src/index.ts';
import { notifications } from './fixtures/notifications.ts';
import { consumerRequests, requests } from './fixtures/requests.ts';

type Json = Record<string, unknown>;

const documents = renderDocuments(schemas);
const definitions = (documents['schema.json'] as { $defs: Record<string, Json> }).$defs;

function refsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (key === '$ref' ? [String(item)] : refsOf(item)));
}

function resolve(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((at, key) => (at as Json | undefined)?.[key], document);
}

describe('the JSON Schema', () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, formats: { uri: true } });
  const errorsOf = (name: string, value: unknown) => {
    ajv.validate(`frames#/$defs/${name}`, value);
    return ajv.errors ?? [];
  };
  beforeAll(() => {
    ajv.addSchema(documents['schema.json'], 'frames');
  });

  it('has every exported schema, request, response and notification', () => {
    const all = { ...schemas.requestRegistry, ...schemas.consumerRequestRegistry };
    const names = [
      ...Object.keys(schemas).flatMap((name) => (/[a-z]Schema$/.test(name) ? [name.replace(/Schema$/, '')] : [])),
      ...Object.keys(all).flatMap((name) => [`${name}.request`, `${name}.response`]),
      ...Object.keys(schemas.NotificationSchemas).map((type) => type.replace(/^\./, '')),
    ];
    expect(names.filter((name) => definitions[name] === undefined)).toEqual([]);
  });

  it.each(Object.entries(documents))('and what it refers to are whole: %s', (_name, document) => {
    expect(refsOf(document).filter((ref) => resolve(document, ref) === undefined)).toEqual([]);
  });

  it.each(Object.entries(notifications))('takes the notification %s', (_name, { type, body }) => {
    expect(errorsOf(type.replace(/^\./, ''), body)).toEqual([]);
  });

  it.each(Object.entries({ ...requests, ...consumerRequests }))(
    'takes the request %s and its response',
    (name, row) => {
      // A body that may be left out is described by what it is when it is there.
      expect(errorsOf(`${name}.request`, row.body ?? {})).toEqual([]);
      expect(errorsOf(`${name}.response`, row.response)).toEqual([]);
    },
  );

  it.each([
    ['a text of 8,001 characters', 'publishEvent.request', text('x'.repeat(8001))],
    ['a sequence that is no whole number', 'MessagingEvent', { dialogId: 'd', sequence: 1.5, event: { type: 'x' } }],
    [
      'an unknown availability',
      'setAgentState.request',
      { availability: 'BUSY', channels: ['MESSAGING'], agentUserId: 'a' },
    ],
    ['a misspelt key of a request', 'getUserProfile.request', { userID: 'a' }],
    ['an element without what its type needs', 'RichContent', { type: 'text' }],
  ])('refuses %s', (_name, schema, value) => {
    expect(errorsOf(schema, value)).not.toEqual([]);
  });

  it('lets unknown fields pass on the way in and structured content pass on the way out', () => {
    expect(errorsOf('MessagingEvent', { dialogId: 'd', event: { type: 'VoiceEvent' }, tomorrow: 1 })).toEqual([]);
    expect(errorsOf('RichContent', { type: 'hologram', depth: 3 })).toEqual([]);
  });
});

describe('the AsyncAPI document', () => {
  const document = documents['asyncapi.json'] as {
    channels: { agentSocket: { messages: Record<string, { payload: Json }> } };
    operations: Record<string, Json>;
  };

  it('is accepted by the parser of AsyncAPI within 10 s', async () => {
    const before = process.cpuUsage();
    const { document: read, diagnostics } = await new Parser().parse(JSON.stringify(document));
    expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
    expect(read?.operations().length).toBe(Object.keys(document.operations).length);
    // In processor time, so that a busy machine does not fail it.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(10_000);
  });

  it('has an operation for every request and every notification of the agent socket', () => {
    const names = Object.keys(schemas.requestRegistry);
    const receiving = Object.entries(document.operations).filter(([, { action }]) => action === 'receive');
    expect(Object.keys(document.operations).slice(0, names.length)).toEqual(names);
    expect(receiving.map(([name]) => name)).toEqual([
      'onExConversationChangeNotification',
      'onOnlineEventDistribution',
      'onRoutingTaskNotification',
      'onAgentStateNotification',
    ]);
  });

  it('names the type of every request as it stands on the wire', () => {
    for (const [name, row] of Object.entries(schemas.requestRegistry))
      expect(document.channels.agentSocket.messages[name]?.payload).toMatchObject({
        properties: { kind: { const: 'req' }, type: { const: row.type } },
      });
  });
});

function text(message: string) {
  return { dialogId: 'd', event: { type: 'ContentEvent', contentType: 'text/plain', message } };
}
