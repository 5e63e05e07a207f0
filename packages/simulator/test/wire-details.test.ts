import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock, type ManualClock } from '@lp/core';
import { type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import {
  agentUrl,
  type Change,
  connectAgent,
  connectConsumer,
  consumerUrl,
  logIn,
  oldId,
  type RawClient,
  refusedWith,
} from './support/raw-client.ts';
import { appToken, call, errorOf } from './support/rest.ts';

const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const ROUTING = '.ams.routing.RoutingTaskNotification';

let simulator: Simulator;
let clock: ManualClock;
beforeEach(() => {
  clock = createManualClock();
});
afterEach(() => simulator.close());

async function start(options: SimulatorOptions = {}): Promise<RawClient> {
  simulator = await startSimulator({ clock, ...options });
  return connectAgent(simulator);
}
const codes = async (count: number, ask: () => Promise<{ code?: number }>) => {
  const responses = await Promise.all(Array.from({ length: count }, ask));
  return responses.map(({ code }) => code);
};

describe('too many requests', () => {
  const LIMITED = { quirks: { rateLimit: 3 } };

  it('are never too many unless a limit is set', async () => {
    const agent = await start();
    expect(new Set(await codes(500, () => agent.request('.GetClock')))).toEqual(new Set([200]));
  });

  // verifies: quirk:rate
  it('get 429 and a text, until the second is over', async () => {
    const agent = await start(LIMITED);
    expect(await codes(5, () => agent.request('.GetClock'))).toEqual([200, 200, 200, 429, 429]);
    expect(await agent.request('.GetClock')).toMatchObject({
      kind: 'resp',
      code: 429,
      type: '.ReqBody$StringResp',
      body: 'Too many requests',
    });
    await clock.advance(999);
    expect(await codes(1, () => agent.request('.GetClock'))).toEqual([429]);
    await clock.advance(1);
    expect(await codes(4, () => agent.request('.GetClock'))).toEqual([200, 200, 200, 429]);
  });

  it('are counted for each type by itself', async () => {
    const agent = await start(LIMITED);
    await codes(3, () => agent.request('.GetClock'));
    expect(await codes(1, () => agent.request('.KeepAlive'))).toEqual([200]);
    expect(await codes(1, () => agent.request('GetClock'))).toEqual([429]);
  });

  it('are counted for each agent, over all of the agent’s sockets', async () => {
    const first = await start({ ...LIMITED, agents: [{ username: 'ada' }, { username: 'bob' }] });
    const second = await connectAgent(simulator);
    const other = await connectAgent(simulator, 1);
    await codes(3, () => first.request('.GetClock'));
    expect(await codes(1, () => second.request('.GetClock'))).toEqual([429]);
    expect(await codes(1, () => other.request('.GetClock'))).toEqual([200]);
  });

  it('change nothing', async () => {
    const agent = await start({ quirks: { rateLimit: 1 } });
    const [conversationId = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com' });
    const note = (text: string) =>
      agent.request('.ams.cm.UpdateConversationField', {
        conversationId,
        conversationField: { field: 'Note', note: text },
      });
    expect(await Promise.all([note('kept'), note('lost')])).toMatchObject([{ code: 200 }, { code: 429 }]);
    await agent.request('.ams.aam.SubscribeExConversations', { conversationId });
    const { result } = await agent.change(CONVERSATIONS);
    expect(result['conversationDetails']).toMatchObject({ note: 'kept' });
  });

  // verifies: quirk:rate
  it('of REST are refused by status, and consumers’ sockets are spared', async () => {
    await start(LIMITED);
    const { bearer } = await logIn(simulator);
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com' });
    const headers = { authorization: `Bearer ${bearer}`, 'brand-id': simulator.accountId };
    const body = { type: 'PLAIN_TEXT', content: { text: 'a' } };
    const say = () => call('POST', `${simulator.url}/v1/conversations/${id}/messages`, { headers, body });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await say()).status);
    expect(statuses).toEqual([201, 201, 201, 429]);
    expect(await say()).toMatchObject(errorOf(429, 'Too many requests'));
    const consumer = await connectConsumer(simulator);
    expect(new Set(await codes(20, () => consumer.request('GetClock')))).toEqual(new Set([200]));
  });

  // verifies: quirk:rate
  it.each<[string, string, string]>([
    ['shifts', 'GET', '/api/account/ID/shift-status'],
    ['users', 'GET', '/api/account/ID/configuration/le-users/users'],
    ['counters', 'GET', '/api/messaging/rest/reporting/brands/ID/msgstatistics'],
    ['history', 'POST', '/messaging_history/api/account/ID/conversations/search'],
  ])('of REST are counted for reads as well: %s, each service and each caller by itself', async (_, method, path) => {
    await start(LIMITED);
    const app = { authorization: await appToken(simulator) };
    const agent = { authorization: `Bearer ${(await logIn(simulator)).bearer}` };
    const ask = async (headers: object) => {
      const url = `${simulator.url}${path.replace('ID', simulator.accountId)}`;
      const options = { headers: { ...headers }, ...(method === 'POST' ? { body: {} } : {}) };
      return { code: (await call(method, url, options)).status };
    };
    const limited = async (headers: object) => (await codes(4, () => ask(headers))).filter((code) => code === 429);
    expect([await limited(agent), await limited(app)]).toEqual([[429], [429]]);
    await clock.advance(1_000);
    expect(await ask(agent)).not.toEqual({ code: 429 });
    expect(await limited({ authorization: 'Bearer nobody' })).toEqual([]);
  });

  it('are a response that a scripted consumer never sees', async () => {
    await start({ quirks: { rateLimit: 1 } });
    const chat = await simulator.consumer().startConversation();
    for (const text of ['a', 'b', 'c']) await chat.say(text);
    expect(chat.transcript).toHaveLength(3);
  });
});

describe('versions of the sockets’ API', () => {
  it.each(['1', '1.0', '1.00'])('%s is gone: it is refused before anything else is said', async (version) => {
    await start();
    const { bearer } = await logIn(simulator);
    expect(await refusedWith(agentUrl(simulator, bearer, version))).toBe(400);
    expect(await refusedWith(consumerUrl(simulator).replace('v=3', `v=${version}`))).toBe(400);
  });

  it.each(['', '10', '3'])('%p is none that is known to be gone', async (version) => {
    await start();
    const { bearer } = await logIn(simulator);
    // A bearer nobody was given gets as far as being looked at.
    expect(await refusedWith(agentUrl(simulator, 'x', version))).toBe(401);
    expect(bearer).not.toBe('x');
  });
});

describe('a locked conversation', () => {
  const SUBSCRIBE = '.ams.aam.SubscribeExConversations';
  const say = (agent: RawClient, dialogId: string) =>
    agent.request('.ams.ms.PublishEvent', {
      dialogId,
      event: { type: 'ContentEvent', contentType: 'text/plain', message: 'a' },
    });
  const details = ({ result }: Change) => result['conversationDetails'] as Record<string, unknown>;

  it('shows its state, and nobody can write to it until it is open again', async () => {
    const agent = await start();
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com', message: 'hi' });
    await agent.request(SUBSCRIBE, { stage: ['OPEN'] });
    simulator.lockConversation(id);
    const locked = await agent.change(CONVERSATIONS, (change: Change) => details(change)['state'] === 'LOCKED');
    expect(details(locked)).toMatchObject({ stage: 'OPEN', dialogs: [{ state: 'OPEN' }] });
    expect(locked.result).toMatchObject({ effectiveTTR: -1 });
    expect(await say(agent, id)).toMatchObject({ code: 400, body: 'Conversation is locked' });
    simulator.lockConversation(id, false);
    expect(await say(agent, id)).toMatchObject({ code: 200 });
  });

  it('can still be read and marked', async () => {
    const agent = await start();
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com', message: 'hi' });
    simulator.lockConversation(id);
    const event = { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [0] };
    expect(await agent.request('.ams.ms.PublishEvent', { dialogId: id, event })).toMatchObject({ code: 200 });
    expect((await agent.request('.ams.ms.QueryMessages', { dialogId: id })).body).toHaveLength(2);
  });

  it('is found by its state, and is neither open nor closed', async () => {
    const agent = await start();
    const [locked = '', open = ''] = simulator.openConversations(2);
    simulator.lockConversation(locked);
    const found = async (convState: string[]) => {
      const { body } = await agent.request(SUBSCRIBE, { convState });
      const { subscriptionId } = body as { subscriptionId: string };
      const first = await agent.frame(
        (frame) =>
          frame.type === CONVERSATIONS && (frame.body as { subscriptionId: string }).subscriptionId === subscriptionId,
      );
      return (first.body as { changes: Change[] }).changes.map(({ result }) => result['convId']);
    };
    expect(await found(['LOCKED'])).toEqual([locked]);
    expect(await found(['OPEN'])).toEqual([open]);
    expect(await found(['CLOSE'])).toEqual([]);
    expect(new Set(await found(['OPEN', 'LOCKED']))).toEqual(new Set([locked, open]));
  });

  it('leaves subscriptions to open ones with a DELETE, and comes back with an UPSERT', async () => {
    const agent = await start();
    const [id = ''] = simulator.openConversations(1);
    await agent.request(SUBSCRIBE, { convState: ['OPEN'] });
    await agent.settle();
    simulator.lockConversation(id);
    simulator.lockConversation(id, false);
    await agent.settle();
    expect(agent.changes<Change>(CONVERSATIONS).map(({ type }) => type)).toEqual(['UPSERT', 'DELETE', 'UPSERT']);
  });

  it('rings at nobody, and rings again once it is open', async () => {
    const agent = await start();
    await agent.request('.ams.routing.SubscribeRoutingTasks', { agentId: oldId(simulator) });
    await agent.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
    const [id = ''] = simulator.openConversations(1);
    const states = () =>
      agent.changes<Change>(ROUTING).flatMap(({ type, result }) => {
        const [ring] = result['ringsDetails'] as { ringState: string }[];
        return type === 'UPSERT' ? ring?.ringState : [];
      });
    simulator.lockConversation(id);
    await agent.settle();
    expect(states()).toEqual(['WAITING', 'CANCELLED']);
    simulator.lockConversation(id, false);
    await agent.settle();
    expect(states()).toEqual(['WAITING', 'CANCELLED', 'WAITING']);
  });

  it('frees its agent’s slot, and takes it again', async () => {
    const agent = await start({ agents: [{ username: 'ada', maxConversations: 1 }] });
    await agent.request('.ams.routing.SubscribeRoutingTasks', { agentId: oldId(simulator) });
    await agent.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
    const [mine = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    const [waiting] = simulator.openConversations(1);
    await agent.settle();
    expect(agent.changes(ROUTING)).toEqual([]);
    simulator.lockConversation(mine);
    expect(await agent.change(ROUTING)).toMatchObject({ result: { conversationId: waiting } });
  });

  it('is its consumer’s only one, and can be closed', async () => {
    const agent = await start();
    const consumer = simulator.consumer();
    const chat = await consumer.startConversation();
    simulator.lockConversation(chat.conversationId);
    await expect(consumer.startConversation()).rejects.toThrow('Consumer has an open conversation already');
    await agent.request('.ams.cm.UpdateConversationField', {
      conversationId: chat.conversationId,
      conversationField: { field: 'ConversationStateField', conversationState: 'CLOSE' },
    });
    await chat.closed;
    expect(() => simulator.lockConversation(chat.conversationId)).toThrow('there is no open conversation of this id');
    expect(() => simulator.lockConversation('none')).toThrow('there is no open conversation of this id');
  });
});

describe('spellings that differ between clients', () => {
  it('of a rating: a number or a text', async () => {
    await start();
    const consumer = await connectConsumer(simulator);
    const { body } = await consumer.request('cm.ConsumerRequestConversation');
    const { conversationId } = body as { conversationId: string };
    const rate = (csatRate: unknown) =>
      consumer.request('cm.UpdateConversationField', {
        conversationId,
        conversationField: { field: 'CSATRate', csatRate },
      });
    expect(await rate('4')).toMatchObject({ code: 200, body: 'OK CSAT processed successfully' });
    expect(await rate(5)).toMatchObject({ code: 200 });
    for (const wrong of ['six', '', '6', 4.5, null]) expect(await rate(wrong)).toMatchObject({ code: 400 });
  });

  it('of a file’s size: a number or a text', async () => {
    const agent = await start();
    const path = (fileSize: unknown) =>
      agent.request('.ams.ms.GenerateURLForUploadFile', { fileType: 'PNG', fileSize });
    expect(await path(10)).toMatchObject({ code: 200 });
    expect(await path('10')).toMatchObject({ code: 200 });
    expect(await path('ten')).toMatchObject({ code: 400 });
  });

  it.each(['.ams.cm.types.RequestConversation', 'cm.RequestConversation'])(
    'of the request for a conversation: %s is a consumer’s and an agent’s',
    async (type) => {
      const agent = await start();
      const consumer = await connectConsumer(simulator);
      const asked = await consumer.request(type);
      expect(asked).toMatchObject({ code: 200, body: { conversationId: expect.any(String) } });
      expect(await agent.request(type, {})).toMatchObject({ code: 400, body: 'Bad request: consumerId is missing' });
      await simulator
        .consumer({ consumerId: 'c-9' })
        .startConversation()
        .then((chat) => chat.close());
      expect(await agent.request(type, { consumerId: 'c-9' })).toMatchObject({ code: 200 });
    },
  );

  it('of ids: numbers come back as texts', async () => {
    const agent = await start();
    agent.send({ kind: 'req', id: 7, type: '.GetClock' });
    expect(await agent.frame((frame) => frame.kind === 'resp')).toMatchObject({ reqId: '7' });
  });
});

describe('the two dialects', () => {
  it('differ in what they show of a conversation', async () => {
    const agent = await start();
    const chat = await simulator.consumer({ consumerId: 'c-1' }).startConversation({ message: 'hi' });
    await agent.request('.ams.aam.SubscribeExConversations', {});
    await agent.request('cqm.SubscribeExConversations', {});
    const v2 = await agent.change(CONVERSATIONS);
    const v3 = await agent.change('cqm.ExConversationChangeNotification');
    for (const only of ['lastUpdateTime', 'numberOfunreadMessages']) {
      expect(v2.result).toHaveProperty(only);
      expect(v3.result).not.toHaveProperty(only);
    }
    for (const only of ['convId', 'participantsPId', 'firstConversation', 'csatRate', 'note']) {
      expect(v2.result['conversationDetails']).toHaveProperty(only);
      expect(v3.result['conversationDetails']).not.toHaveProperty(only);
    }
    expect(v2.result['convId']).toBe(chat.conversationId);
    expect(v3.result['convId']).toBe(chat.conversationId);
  });
});

describe('paths of files over REST', () => {
  it('are signed for an upload and a download, for agents and consumers', async () => {
    await start();
    const { bearer } = await logIn(simulator);
    const base = `${simulator.url}/v1/brands/${simulator.accountId}`;
    const headers = { authorization: `Bearer ${bearer}` };
    const { status, body } = await call('POST', `${base}/file-upload-path`, {
      headers,
      body: { fileSize: 3, fileType: 'PNG' },
    });
    expect(status).toBe(200);
    const { relativePath, queryParams } = body as { relativePath: string; queryParams: Record<string, string> };
    expect(queryParams).toEqual({
      temp_url_sig: expect.stringMatching(/^[0-9a-f]{40}$/),
      temp_url_expires: expect.stringMatching(/^\d+$/),
    });
    const at = (path: string, query: Record<string, string>) =>
      `${simulator.url}${path}?${new URLSearchParams(query).toString()}`;
    expect(await call('PUT', at(relativePath, queryParams), { body: 'abc' })).toMatchObject({ status: 201 });
    const signUp = await call('POST', `${simulator.url}/api/account/${simulator.accountId}/signup`);
    const consumer = { authorization: `Bearer ${(signUp.body as { jwt: string }).jwt}` };
    const download = await call('POST', `${base}/file-download-path`, { headers: consumer, body: { relativePath } });
    const signed = download.body as { queryParams: Record<string, string> };
    expect(await call('GET', at(relativePath, signed.queryParams))).toMatchObject({ status: 200, body: 'abc' });
  });

  it.each<[string, string, unknown, number]>([
    ['a type that is not shared', 'file-upload-path', { fileSize: 3, fileType: 'EXE' }, 400],
    ['nothing', 'file-upload-path', {}, 400],
    ['no path', 'file-download-path', {}, 400],
    ['no JSON', 'file-upload-path', '{', 400],
  ])('are refused for %s', async (_, path, body, status) => {
    await start();
    const { bearer } = await logIn(simulator);
    const url = `${simulator.url}/v1/brands/${simulator.accountId}/${path}`;
    expect(await call('POST', url, { headers: { authorization: `Bearer ${bearer}` }, body })).toMatchObject(
      errorOf(status),
    );
    expect(await call('POST', url, { body })).toMatchObject(errorOf(401));
  });
});
