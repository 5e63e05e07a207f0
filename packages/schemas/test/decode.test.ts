import { describe, expect, it } from '@jest/globals';
import { decodeFrame, decodeNotification, NotificationSchemas, parseResponse, ResponseSchemas } from '../src/index.ts';
import {
  agentTextRecord,
  CONVERSATION,
  conversationFrame,
  conversationResult,
  messageFrame,
  notifications,
} from './fixtures/notifications.ts';

function decodedBody(data: unknown): unknown {
  const decoded = decodeFrame(data);
  if (decoded.kind === 'invalid') throw new Error(`invalid ${decoded.reason}: ${JSON.stringify(decoded.issues)}`);
  return decoded.body;
}

function thrown(): never {
  throw new Error('not to be read');
}

describe('decodeFrame reads every notification that is known', () => {
  it.each(Object.entries(notifications))('%s', (_name, frame) => {
    const decoded = decodeFrame(JSON.stringify(frame));
    expect(decoded).toMatchObject({ kind: 'notification', known: true, type: frame.type, invalid: [] });
    expect(decodedBody(frame)).toEqual(frame.body);
  });

  it('tells what a notification is about, whichever dialect names it', () => {
    const topics = Object.values(notifications).map((frame) => {
      const decoded = decodeFrame(frame);
      return [frame.type, decoded.kind === 'notification' ? decoded.topic : undefined];
    });
    expect(Object.fromEntries(topics)).toEqual({
      '.ams.aam.ExConversationChangeNotification': 'conversations',
      'cqm.ExConversationChangeNotification': 'conversations',
      'aam.ExConversationChangeNotification': 'conversations',
      '.ams.ms.OnlineEventDistribution': 'messaging',
      'ms.MessagingEventNotification': 'messaging',
      '.ams.routing.RoutingTaskNotification': 'routingTasks',
      'rs.RoutingTaskNotification': 'routingTasks',
      '.ams.routing.AgentStateNotification': 'agentStates',
      'rs.AgentStateNotification': 'agentStates',
    });
  });

  it.each([
    ['.ams.ms.OnlineEventDistribution', 'ms.OnlineEventDistribution'],
    ['.ams.routing.RoutingTaskNotification', 'routing.RoutingTaskNotification'],
    ['.ams.routing.AgentStateNotification', 'routing.AgentStateNotification'],
  ])('takes %s by its other name, %s', (type, alias) => {
    const frame = Object.values(notifications).find((one) => one.type === type) as { type: string; body: unknown };
    const [known, other] = [decodeFrame(frame), decodeFrame({ ...frame, type: alias })];
    expect(other).toMatchObject({ kind: 'notification', known: true, type: alias });
    expect({ ...other, type, frame }).toEqual(known);
  });

  it('has a schema under every name', () => {
    for (const { type, body } of Object.values(notifications))
      expect(NotificationSchemas[type as keyof typeof NotificationSchemas].safeParse(body).success).toBe(true);
  });
});

describe('decodeFrame takes what the platform may word otherwise', () => {
  const change = { type: 'UPSERT', result: conversationResult };
  const withDetails = (fields: object) =>
    conversationFrame({
      type: 'UPSERT',
      result: { convId: CONVERSATION, conversationDetails: { state: 'OPEN', ...fields } },
    });
  const details = (data: unknown): unknown =>
    (decodedBody(data) as { changes: { result: { conversationDetails: unknown } }[] }).changes[0]?.result
      .conversationDetails;

  it('one bare change for a list of one', () => {
    const frame = { ...conversationFrame(), body: { changes: change } };
    expect(decodedBody(frame)).toEqual({ changes: [change] });
  });

  it('a number where an id is text', () => {
    expect(details(withDetails({ skillId: -1, groupId: 12 }))).toEqual({ state: 'OPEN', skillId: '-1', groupId: '12' });
  });

  it('digits where a number is meant, and words where a truth is', () => {
    expect(details(withDetails({ csatRate: '4', startTs: '1900000000000', firstConversation: 'true' }))).toEqual({
      state: 'OPEN',
      csatRate: 4,
      startTs: 1_900_000_000_000,
      firstConversation: true,
    });
  });

  it('null where nothing is meant', () => {
    expect(details(withDetails({ note: null, participants: null, dialogs: null, context: null }))).toEqual({
      state: 'OPEN',
      note: undefined,
      participants: undefined,
      dialogs: [],
      context: undefined,
    });
  });

  it('one bare id, or null, for the ids of a role', () => {
    expect(details(withDetails({ participants: { CONSUMER: 'c', READER: null } }))).toEqual({
      state: 'OPEN',
      participants: { CONSUMER: ['c'], READER: [] },
    });
  });

  it('a conversation without dialogs, participants or PIDs', () => {
    expect(details(withDetails({}))).toEqual({ state: 'OPEN' });
  });

  it('structured content as JSON text', () => {
    const content = { type: 'text', text: 'hi' };
    const event = { type: 'RichContentEvent', content: JSON.stringify(content) };
    expect(decodedBody(messageFrame({ ...agentTextRecord, event }))).toMatchObject({
      event: { type: 'RichContentEvent', content },
    });
  });

  it('one bare sequence for a list of one', () => {
    const event = { type: 'AcceptStatusEvent', status: 'READ', sequenceList: '3' };
    expect(decodedBody(messageFrame({ ...agentTextRecord, event }))).toMatchObject({ event: { sequenceList: [3] } });
  });

  it('leaves the frame it was given as it is', () => {
    const frame = withDetails({ skillId: -1, note: null });
    const before = JSON.stringify(frame);
    const decoded = decodeFrame(frame);
    expect(JSON.stringify(frame)).toBe(before);
    expect(decoded.kind !== 'invalid' && decoded.frame).toBe(frame);
  });
});

describe('decodeFrame reads the code of a response', () => {
  it.each([
    [200, 200],
    ['429', 429],
    ['OK', 200],
    ['ok', 0],
    ['2000', 0],
    ['0x190', 0],
    [Number.NaN, 0],
    [undefined, 0],
    [null, 0],
    [[1], 0],
    [{ toString: null }, 0],
  ])('%p as %p', (code, read) => {
    expect(decodeFrame({ kind: 'resp', reqId: '1', type: 'x', code })).toMatchObject({ kind: 'response', code: read });
  });
});

describe('decodeFrame keeps long integers exact in text', () => {
  it('as text, where a number would lose digits', () => {
    const text = `{"kind":"notification","type":"new.Thing","body":{"revision":2322824826421065367,"list":[-9007199254740993],"note":"id: 2322824826421065367, [1234567890123456789]","time":1900000000000,"rate":0.1234567890123456}}`;
    expect(decodedBody(text)).toEqual({
      revision: '2322824826421065367',
      list: ['-9007199254740993'],
      note: 'id: 2322824826421065367, [1234567890123456789]',
      time: 1_900_000_000_000,
      rate: 0.1234567890123456,
    });
  });

  it('and as an id where an id is meant', () => {
    const text = JSON.stringify(messageFrame(agentTextRecord)).replace(
      JSON.stringify(CONVERSATION),
      '1234567890123456789',
    );
    expect(decodedBody(text)).toMatchObject({ dialogId: '1234567890123456789' });
  });
});

describe('decodeFrame drops what cannot be read, and that alone', () => {
  it('keeps the other changes and names place and expectation', () => {
    const good = { type: 'UPSERT', result: conversationResult };
    const bad = { type: 'UPSERT', result: { ...conversationResult, convId: { secret: 'value' } } };
    const decoded = decodeFrame(conversationFrame(good, bad, 'secret', good));
    expect(decoded).toMatchObject({ kind: 'notification', known: true, body: { changes: [good, good] } });
    expect(decoded.kind === 'notification' && decoded.invalid).toEqual([
      { issues: [{ path: 'changes.1.result.convId', expected: 'string' }] },
      { issues: [{ path: 'changes.2', expected: 'object' }] },
    ]);
    expect(JSON.stringify(decoded.kind === 'notification' && decoded.invalid)).not.toContain('secret');
  });

  it('keeps the other messages of a v3 notification', () => {
    const frame = notifications['several messages (v3)'];
    const [first] = frame.body.changes;
    const decoded = decodeFrame({ ...frame, body: { changes: [first, { ...first, event: undefined }] } });
    expect(decoded).toMatchObject({ body: { changes: [first] }, invalid: [{ issues: [{ path: 'changes.1.event' }] }] });
  });

  it.each([
    ['a getter', Object.defineProperty({}, 'kind', { get: () => thrown(), enumerable: true })],
    ['a proxy', new Proxy({}, { get: () => thrown() })],
  ])('reports an object of the caller’s own that cannot be read: %s', (_what, data) => {
    expect(decodeFrame(data)).toMatchObject({ kind: 'invalid', known: false, reason: 'envelope' });
  });

  it('reports a bad message of the agent socket as a whole', () => {
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: { not: 'text' } };
    expect(decodeFrame(messageFrame({ ...agentTextRecord, event }))).toEqual({
      kind: 'invalid',
      known: false,
      reason: 'body',
      type: '.ams.ms.OnlineEventDistribution',
      issues: [{ path: 'event.message', expected: 'string' }],
    });
  });

  it.each([
    ['a word for a time', { serverTimestamp: 'x' }, 'serverTimestamp'],
    ['an object for an id', { originatorId: {} }, 'originatorId'],
    ['a list for who said it', { originatorMetadata: ['x', {}] }, 'originatorMetadata'],
    ['an object for metadata', { metadata: [5, { type: {} }, { type: 'Kept' }, true] }, 'metadata.0'],
  ])('sets %s aside, and nothing else', (_name, odd, path) => {
    const decoded = decodeFrame(messageFrame({ ...agentTextRecord, ...odd }));
    expect(decoded).toMatchObject({ known: true, body: { event: agentTextRecord.event } });
    const [aside] = 'invalid' in decoded ? decoded.invalid : [];
    expect(aside).toMatchObject({ kept: true });
    expect(aside?.issues.map((issue) => issue.path)).toContain(path);
  });

  it('sets the bad items of a list aside, and leaves the others where they are', () => {
    const metadata = [5, { type: 'First' }, { type: {} }, 'x', { type: 'Last' }];
    const decoded = decodeFrame(messageFrame({ ...agentTextRecord, metadata }));
    expect(decoded).toMatchObject({ body: { metadata: [{ type: 'First' }, {}, { type: 'Last' }] } });
  });

  it.each([
    ['an unsafe number', { sequence: 2 ** 53 }],
    ['no dialog', { dialogId: {} }],
    ['an event that is none', { event: 'x' }],
  ])('never delivers an event with %s', (_name, odd) => {
    expect(decodeFrame(messageFrame({ ...agentTextRecord, ...odd }))).toMatchObject({ kind: 'invalid' });
  });

  it('takes no conversation for one without participants, and none for one without a dialog', () => {
    const details = conversationResult.conversationDetails;
    for (const odd of [{ participants: 5 }, { dialogs: [{ dialogId: {} }] }, { state: {} }]) {
      const result = { ...conversationResult, conversationDetails: { ...details, ...odd } };
      expect(decodeFrame(conversationFrame({ type: 'UPSERT', result }))).toMatchObject({ body: { changes: [] } });
    }
    const result = { ...conversationResult, conversationDetails: { ...details, startTs: {}, note: [[]] } };
    expect(decodeFrame(conversationFrame({ type: 'UPSERT', result }))).toMatchObject({
      body: { changes: [{ result: { convId: conversationResult.convId } }] },
    });
  });

  it.each([
    ['no body', undefined, '', 'object'],
    ['a text for a body', 'text', '', 'object'],
    ['no changes', { subscriptionId: 's' }, 'changes', 'array'],
  ])('reports %s', (_name, body, path, expected) => {
    expect(decodeFrame({ kind: 'notification', type: 'cqm.ExConversationChangeNotification', body })).toMatchObject({
      kind: 'invalid',
      reason: 'body',
      issues: [{ path, expected }],
    });
  });

  it('reports a change of an unknown kind', () => {
    const decoded = decodeFrame(conversationFrame({ type: 'EXPLODE', result: conversationResult }));
    expect(decoded).toMatchObject({
      body: { changes: [] },
      invalid: [{ issues: [{ path: 'changes.0.type', expected: '"UPSERT" | "DELETE"' }] }],
    });
  });
});

describe('decodeFrame reads envelopes', () => {
  it('passes a notification of an unknown type whole', () => {
    const body = { anything: [null, 1] };
    const frame = { kind: 'notification', type: 'brand.New', body };
    expect(decodeFrame(frame)).toEqual({
      kind: 'notification',
      known: false,
      type: 'brand.New',
      topic: undefined,
      body,
      invalid: [],
      frame,
    });
  });

  it('takes a notification and a response that do not say what they are', () => {
    const { kind: _, ...rest } = notifications['a text (v2)'];
    expect(decodeFrame(rest)).toMatchObject({ kind: 'notification', known: true });
    expect(decodeFrame({ reqId: 7, type: 'x', code: '202', body: 'b' })).toMatchObject({
      kind: 'response',
      reqId: '7',
      code: 202,
      known: false,
      body: 'b',
    });
  });

  it.each([
    ['no JSON', '{"kind":', 'json'],
    ['an empty text', '', 'json'],
    ['a list', '[]', 'envelope'],
    ['null', null, 'envelope'],
    ['undefined', undefined, 'envelope'],
    ['a function', () => 1, 'envelope'],
    ['a request', { kind: 'req', id: '1', type: '.GetClock' }, 'envelope'],
    ['an unknown kind', { kind: 'hello', type: 't' }, 'envelope'],
    ['a type that is not a text', { kind: 'notification', type: 7 }, 'envelope'],
    ['a response to nothing', { kind: 'resp', type: 't', code: 200 }, 'envelope'],
  ])('tells apart %s', (_name, data, reason) => {
    expect(decodeFrame(data)).toMatchObject({ kind: 'invalid', reason });
  });

  it('reads the body of a response by its type, and of a refusal not at all', () => {
    const response = (fields: object) => decodeFrame({ kind: 'resp', reqId: '1', ...fields });
    expect(response({ type: '.GetClock$Response', code: 200, body: { currentTime: '5' } })).toMatchObject({
      known: true,
      body: { currentTime: 5 },
    });
    expect(response({ type: '.ReqBody$StringResp', code: 400, body: { odd: 1 } })).toMatchObject({
      known: true,
      code: 400,
      body: { odd: 1 },
    });
    expect(response({ type: '.GetClock$Response', code: 200, body: {} })).toEqual({
      kind: 'invalid',
      known: false,
      reason: 'body',
      type: '.GetClock$Response',
      reqId: '1',
      issues: [{ path: 'body.currentTime', expected: 'number' }],
    });
    expect(response({ type: 'GenericSubscribeResponse', code: 200, body: {} })).toMatchObject({ known: true });
    expect(response({ type: '.ams.GenericSubscribeResponse', code: 200 })).toMatchObject({ known: true });
  });

  it('drops the record of a list that cannot be read, and that alone', () => {
    const type = '.ams.ms.QueryMessages$Response';
    const body = [agentTextRecord, { ...agentTextRecord, sequence: 'x' }, agentTextRecord];
    expect(decodeFrame({ kind: 'resp', reqId: '1', type, code: 200, body })).toMatchObject({
      kind: 'response',
      body: [agentTextRecord, agentTextRecord],
      invalid: [{ issues: [{ path: '1.sequence', expected: 'number' }] }],
    });
    expect(parseResponse(ResponseSchemas.queryMessages, 'none')).toEqual({
      ok: false,
      issues: [{ path: '0', expected: 'object' }],
    });
    expect(parseResponse(ResponseSchemas.queryMessages, agentTextRecord)).toEqual({
      ok: true,
      value: [agentTextRecord],
      invalid: [],
    });
  });

  it.each([2 ** 53, -1, 1.5, 1e300, '9007199254740993'])(
    'takes an event numbered %p for an invalid one',
    (sequence) => {
      const type = '.ams.ms.OnlineEventDistribution';
      const frame = { kind: 'notification', type, body: { ...agentTextRecord, sequence } };
      expect(decodeFrame(frame)).toMatchObject({ kind: 'invalid', issues: [{ path: 'sequence' }] });
      const list = { kind: 'resp', reqId: '1', type: '.ams.ms.QueryMessages$Response', code: 200 };
      expect(decodeFrame({ ...list, body: [{ ...agentTextRecord, sequence }, agentTextRecord] })).toMatchObject({
        body: [agentTextRecord],
        invalid: [{ issues: [{ path: '0.sequence' }] }],
      });
    },
  );

  it('keeps a conversation whose last event is invalid, without that event', () => {
    const result = { convId: 'c', lastContentEventNotification: { ...agentTextRecord, sequence: -1 } };
    const body = { changes: [{ type: 'UPSERT', result }] };
    const frame = { kind: 'notification', type: '.ams.aam.ExConversationChangeNotification', body };
    expect(decodeFrame(frame)).toMatchObject({
      body: { changes: [{ type: 'UPSERT', result: { convId: 'c', lastContentEventNotification: undefined } }] },
      invalid: [{ issues: [{ path: 'changes.0.result.lastContentEventNotification.sequence' }] }],
    });
  });

  it('has a second stage for frames whose envelope was checked', () => {
    const frame = notifications['a text (v2)'];
    expect(decodeNotification(frame)).toEqual(decodeFrame(frame));
  });
});
