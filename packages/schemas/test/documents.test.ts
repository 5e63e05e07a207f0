import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { renderDocuments } from '../scripts/generate-schemas.mjs';
import * as schemas from '../src/index.ts';

const docs = new URL('../../../docs/', import.meta.url);
const documents = renderDocuments(schemas);
const written = readdirSync(new URL('json-schema/', docs), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.json'))
  .map((path) => `json-schema/${path.replaceAll('\\', '/')}`);

type Json = Record<string, unknown>;
const parsed = (path: string): Json => JSON.parse(documents.get(path) ?? 'null') as Json;

function refsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (key === '$ref' ? [String(item)] : refsOf(item)));
}

function resolve(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((at, key) => (at as Json | undefined)?.[key.replaceAll('~1', '/')], document);
}

describe('the documents of the schemas', () => {
  it('are current: `npm run build` and `node packages/schemas/scripts/generate-schemas.mjs` write them', () => {
    for (const [path, text] of documents)
      expect({ path, text: readFileSync(new URL(path, docs), 'utf8') }).toEqual({ path, text });
  });

  it('have no leftovers beside them', () => {
    expect(written.filter((path) => !documents.has(path))).toEqual([]);
  });

  it('describe every request, answer, notification and exported schema', () => {
    for (const name of Object.keys({ ...schemas.requestRegistry, ...schemas.consumerRequestRegistry })) {
      expect(written).toContain(`json-schema/requests/${name}.json`);
      expect(written).toContain(`json-schema/responses/${name}.json`);
    }
    for (const type of Object.keys(schemas.NotificationSchemas))
      expect(written).toContain(`json-schema/notifications/${type.replace(/^\./, '')}.json`);
    for (const name of Object.keys(schemas).filter((one) => /[a-z]Schema$/.test(one)))
      expect(written).toContain(`json-schema/types/${name.replace(/Schema$/, '')}.json`);
  });

  it('refer to nothing that is not there', () => {
    for (const [path, text] of documents) {
      const document = JSON.parse(text) as unknown;
      for (const ref of refsOf(document)) {
        const found = ref.startsWith('#')
          ? ref === '#' || resolve(document, ref)
          : documents.has(ref.replace('./', ''));
        expect([path, ref, Boolean(found)]).toEqual([path, ref, true]);
      }
    }
  });

  it('let unknown fields pass on the way in and refuse them on the way out', () => {
    expect(parsed('json-schema/types/MessagingEvent.json')).toMatchObject({ type: 'object', additionalProperties: {} });
    expect(parsed('json-schema/requests/setAgentState.json')).toMatchObject({
      required: ['availability', 'channels', 'agentUserId'],
      additionalProperties: false,
    });
  });
});

describe('the description of the socket', () => {
  const document = parsed('asyncapi.json') as {
    asyncapi: string;
    channels: { agentSocket: { messages: Record<string, { payload: { schema: Json } }> } };
    operations: Record<string, Json>;
  };

  it('has an operation for every request and every notification of the agent socket', () => {
    const requests = Object.keys(schemas.requestRegistry);
    const receiving = Object.entries(document.operations).filter(([, { action }]) => action === 'receive');
    expect(document.asyncapi).toBe('3.0.0');
    expect(Object.keys(document.operations).slice(0, requests.length)).toEqual(requests);
    expect(receiving.map(([name]) => name)).toEqual([
      'onExConversationChangeNotification',
      'onOnlineEventDistribution',
      'onRoutingTaskNotification',
      'onAgentStateNotification',
    ]);
  });

  it('names the type of every request as it stands on the wire', () => {
    for (const [name, row] of Object.entries(schemas.requestRegistry))
      expect(document.channels.agentSocket.messages[name]?.payload.schema).toMatchObject({
        properties: { kind: { const: 'req' }, type: { const: row.type } },
      });
  });
});
