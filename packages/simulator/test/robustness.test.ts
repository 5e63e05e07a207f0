import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { connectAgent, connectConsumer, type RawClient } from './support/raw-client.ts';

const TYPES = [
  '.GetClock',
  '.KeepAlive',
  'InitConnection',
  '.ams.aam.SubscribeExConversations',
  '.ams.aam.UnsubscribeExConversations',
  '.ams.aam.UpdateExConversationSubscription',
  '.ams.UnsubscribeBody',
  '.ams.cm.ConsumerRequestConversation',
  '.ams.cm.AgentRequestConversation',
  '.ams.cm.UpdateConversationField',
  '.ams.ms.PublishEvent',
  '.ams.ms.QueryMessages',
  'ms.SubscribeMessagingEvents',
  '.ams.ms.GenerateURLForUploadFile',
  '.ams.ms.GenerateURLForDownloadFile',
  '.ams.ms.token.GenerateDownloadToken',
  '.ams.ms.token.GenerateUploadToken',
  '.ams.userprofile.GetUserProfile',
  '.ams.userprofile.SetUserProfile',
  '.ams.brandprofile.GetBrandProfile',
  '.ams.routing.SetAgentState',
  '.ams.routing.SubscribeAgentsState',
  '.ams.routing.SubscribeRoutingTasks',
  '.ams.routing.UpdateRoutingTaskSubscription',
  '.ams.routing.UpdateRingState',
];
const VALUES = [undefined, null, true, 0, -1, 1e21, '', 'text', [], [null], {}, { type: 'x' }];

let simulator: Simulator;
let clients: RawClient[];
let id: string;
beforeEach(async () => {
  simulator = await startSimulator();
  clients = [await connectAgent(simulator), await connectConsumer(simulator)];
  [id = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com', message: 'hi' });
});
afterEach(() => simulator.close());

/** Bodies of every wrong shape, and right ones with one field of every wrong shape. */
function bodies(): unknown[] {
  const right = {
    dialogId: id,
    conversationId: id,
    event: { type: 'ContentEvent', contentType: 'text/plain', message: 'a' },
    conversationField: [{ field: 'Note', note: 'a' }],
    subscriptionId: 's',
    agentIds: ['a'],
    newerThanSequence: 0,
    maxQuantity: 1,
    ringId: 'r',
    ringState: 'ACCEPTED',
    availability: 'AWAY',
    fileType: 'PNG',
    fileSize: 1,
    relativePath: '/a',
    consumerId: 'c',
    userId: 'u',
    conversationContext: { type: 'SharkContext' },
    downloadable: { dialogId: id },
  };
  const wrong = Object.keys(right).flatMap((field) => VALUES.map((value) => ({ ...right, [field]: value })));
  const event = ['type', 'contentType', 'message', 'status', 'sequenceList', 'chatState', 'content'].flatMap((field) =>
    ['ContentEvent', 'RichContentEvent', 'AcceptStatusEvent', 'ChatStateEvent'].flatMap((type) =>
      VALUES.map((value) => ({ ...right, event: { type, [field]: value } })),
    ),
  );
  return [...VALUES, right, ...wrong, ...event];
}
const FIELDS = [
  'ParticipantsChange',
  'ConversationStateField',
  'Stage',
  'DialogChange',
  'Skill',
  'TTRField',
  'ManualETTR',
  'Note',
  'CSATRate',
  'DelayField',
];
function fieldBodies(): unknown[] {
  const names = [
    'type',
    'role',
    'userId',
    'dialogId',
    'dialog',
    'skill',
    'ttrType',
    'value',
    'time',
    'note',
    'csatRate',
    'tillWhen',
  ];
  return FIELDS.flatMap((field) =>
    names.flatMap((name) =>
      VALUES.map((value) => ({ conversationId: 'nope', conversationField: { field, [name]: value } })),
    ),
  );
}

async function responsesTo(client: RawClient, type: string, list: unknown[]): Promise<(number | undefined)[]> {
  const responses = await Promise.all(list.map((body) => client.request(type, body)));
  return responses.map((response) => response.code);
}

describe('whatever is asked', () => {
  it.each(TYPES)('%s gets a response and never fails inside', async (type) => {
    for (const client of clients) {
      const codes = await responsesTo(client, type, bodies());
      expect(codes.filter((code) => code === undefined || code >= 500)).toEqual([]);
      expect(client.socket.readyState).toBe(client.socket.OPEN);
    }
  });

  it('fields of every wrong shape are refused', async () => {
    const [agent] = clients as [RawClient];
    const open = fieldBodies().map((body) => ({ ...(body as object), conversationId: id }));
    const codes = await responsesTo(agent, '.ams.cm.UpdateConversationField', open);
    expect(codes.filter((code) => code === undefined || code >= 500)).toEqual([]);
  });

  it('headers and metadata of every wrong shape get a response', async () => {
    const [agent] = clients as [RawClient];
    for (const value of VALUES) {
      const response = await agent.request(
        '.GetClock',
        {},
        { metadata: value, headers: value, encodedMetadata: value },
      );
      expect([200, 400]).toContain(response.code);
    }
  });

  it('what is nested too deep to be written again is refused, and nobody else is hurt', async () => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    const requests = [
      [
        '.ams.ms.PublishEvent',
        `{"dialogId":"${id}","event":{"type":"ContentEvent","contentType":"a/b","message":{"a":${deep}}}}`,
      ],
      [
        '.ams.cm.UpdateConversationField',
        `{"conversationId":"${id}","conversationField":{"field":"Note","note":${deep}}}`,
      ],
      ['cm.ConsumerRequestConversation', `{"conversationContext":{"a":${deep}}}`],
      ['userprofile.SetUserProfile', `{"firstName":${deep}}`],
    ];
    for (const client of clients) {
      for (const [type, body] of requests) {
        client.send(`{"kind":"req","id":"1","type":"${type}","body":${body}}`);
      }
      await client.request('GetClock');
      const refused = client.frames.filter(({ body }) => body === 'Bad request: not a JSON object');
      expect(refused.map(({ code }) => code)).toEqual(requests.map(() => 400));
    }
    const [agent] = clients as [RawClient];
    await agent.request('.ams.aam.SubscribeExConversations', { conversationId: id });
    expect(await agent.change('.ams.aam.ExConversationChangeNotification')).toMatchObject({ type: 'UPSERT' });
  });

  it('the platform works as before', async () => {
    const chat = await simulator.consumer().startConversation({ message: 'well?' });
    expect(chat.transcript).toHaveLength(1);
  });
});
