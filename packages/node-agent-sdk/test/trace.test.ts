import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { globalAgent, request } from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Agent, type AgentConfig } from '@lp/node-agent-sdk';
import { type Simulator, startSimulator } from '@lp/simulator';
import { Agent as OldAgent } from 'node-agent-sdk';

afterEach(() => {
  delete globalAgent.options.ca;
  globalAgent.destroy();
});

type Login = (simulator: Simulator) => Promise<Record<string, string>> | Record<string, string>;
const own = (simulator: Simulator) => simulator.agents[0] as Simulator['agents'][number];

const LOGINS: Readonly<Record<string, Login>> = {
  'a password': (simulator) => {
    const { username, password } = own(simulator);
    return { username, password };
  },
  'OAuth1 keys': (simulator) => {
    const { username, appKey, secret, accessToken, accessTokenSecret } = own(simulator);
    return { username, appKey, secret, accessToken, accessTokenSecret };
  },
  'an assertion': (simulator) => ({ assertion: own(simulator).assertion }),
  'a bearer': async (simulator) => {
    const { username, password, userId } = own(simulator);
    const response = await new Promise<IncomingMessage>((resolve) => {
      const path = `/api/account/${simulator.accountId}/login?v=1.3`;
      const headers = { 'content-type': 'application/json' };
      request(`https://${simulator.csdsDomain}${path}`, { method: 'POST', ca: simulator.ca, headers }, resolve).end(
        JSON.stringify({ username, password }),
      );
    });
    const { bearer } = (await json(response)) as { bearer: string };
    return { token: bearer, userId };
  },
};

/**
 * The same program on both: it takes a conversation, answers it, gives it back, and is refused something. With a bearer the
 * old package does not know itself, and a bot that answers would answer itself.
 */
async function traceOf(Kind: typeof Agent, login: Login, answers: boolean): Promise<string[]> {
  const simulator = await startSimulator({ tls: true, skills: [{ id: '7' }] });
  // The old package has no option for an authority.
  globalAgent.options.ca = simulator.ca;
  const { accountId, csdsDomain, ca } = simulator;
  // Closed in the end, it is to stay closed, as ever.
  const conf = { accountId, csdsDomain, ca, reconnect: false, ...(await login(simulator)) };
  const agent = new Kind(conf as unknown as AgentConfig);
  const trace: string[] = [];
  const emit = EventEmitter.prototype.emit.bind(agent) as (name: string | symbol, ...parameters: unknown[]) => boolean;
  agent.emit = (name: string | symbol, ...parameters: unknown[]) => {
    trace.push(`${String(name)} ${JSON.stringify(parameters)}`);
    return emit(name, ...parameters);
  };
  const told = (what: string) => (error: unknown, body: unknown) =>
    void trace.push(`${what} ${JSON.stringify([error, body])}`);
  const asked = (call: (callback: (error: unknown, body: unknown) => void) => void, what: string) =>
    new Promise<void>((resolve) =>
      call((error, body) => {
        told(what)(error, body);
        resolve();
      }),
    );
  const open = new Set<string>();
  agent.on('error', () => undefined);
  agent.on('message:sent', () => undefined);
  agent.on('routing.RoutingTaskNotification', ({ changes }) => {
    for (const { ringId, ringState } of changes.flatMap(({ result }) => result.ringsDetails))
      if (ringState === 'WAITING') agent.updateRingState({ ringId, ringState: 'ACCEPTED' }, told('ring'));
  });
  agent.on('cqm.ExConversationChangeNotification', ({ changes }) => {
    for (const { type, result } of changes) {
      if (type === 'DELETE' || open.has(result.convId)) continue;
      open.add(result.convId);
      agent.getUserProfile(
        result.conversationDetails.participants.find(({ role }) => role === 'CONSUMER')?.id,
        told('profile'),
      );
      agent.subscribeMessagingEvents({ dialogId: result.convId }, told('query'));
    }
  });
  agent.on('ms.MessagingEventNotification', ({ changes }) => {
    for (const { dialogId, originatorId, event } of changes) {
      if (event.type !== 'ContentEvent' || originatorId === agent.agentId || !answers) continue;
      const text = `echo: ${String(event.message)}`;
      agent.publishEvent(
        { dialogId, event: { type: 'ContentEvent', contentType: 'text/plain', message: text } },
        told('publish'),
      );
    }
  });
  await once(agent, 'connected');
  await asked((done) => agent.setAgentState({ availability: 'ONLINE' }, done), 'state');
  await asked(
    (done) => agent.subscribeExConversations({ agentIds: [agent.agentId], convState: ['OPEN'] }, done),
    'conversations',
  );
  await asked((done) => agent.subscribeRoutingTasks({}, done), 'rings');
  await asked((done) => agent.subscribeAgentsState({}, done), 'states');
  const chat = await simulator.consumer({ consumerId: 'consumer-1' }).startConversation({ skillId: '7' });
  await simulator.waitForRequest('QueryMessages');
  await asked((done) => agent.getClock({}, done), 'clock');
  for (const text of ['one', 'two']) {
    const heard = once(agent, 'ms.MessagingEventNotification');
    await chat.say(text);
    await (answers ? chat.next() : heard);
  }
  await asked(
    (done) =>
      agent.publishEvent(
        { dialogId: 'nope', event: { type: 'ContentEvent', contentType: 'text/plain', message: 'x' } },
        done,
      ),
    'refused',
  );
  const leave = { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' } as const;
  await asked(
    (done) => agent.updateConversationField({ conversationId: chat.conversationId, conversationField: [leave] }, done),
    'leave',
  );
  const file = { fileSize: 10, fileType: 'JPEG' } as const;
  await asked((done) => agent.generateURLForUploadFile(file, done), 'upload');
  await asked((done) => agent.generateURLForDownloadFile({ relativePath: 'nowhere' }, done), 'download');
  await asked((done) => agent.unsubscribeExConversations({ subscriptionId: 'none' }, done), 'unsubscribe');
  await asked((done) => agent.agentRequestConversation({} as never, done), 'conversation');
  await asked((done) => agent.getUserProfile('nobody', done), 'nobody');
  await asked((done) => agent.subscribeMessagingEvents({ dialogId: 'nope' }, done), 'no dialog');
  await asked((done) => agent.getClock({}, {}, [{ type: 'Some' }], 'encoded', done), 'places');
  // What is in flight at a loss has its outcome before `closed`.
  simulator.faults.dropAnswers('GetClock');
  agent.getClock({}, told('lost'));
  await simulator.waitForRequest('GetClock', ({ frame }) => frame?.metadata === undefined);
  simulator.faults.closeWith(4000);
  await once(agent, 'closed');
  await asked((done) => agent.getClock({}, done), 'offline');
  agent.dispose();
  await simulator.close();
  return masked(trace);
}

/** Ids in the order of their first appearance, times, ids of frames, and what differs on purpose. */
function masked(trace: readonly string[]): string[] {
  const ids = new Map<string, string>();
  return trace.map((line) =>
    line
      .replace(/"id":"[^"]*","type":"\./, '"id":"FRAME","type":".')
      .replace(/"reqId":"[^"]*"/, '"reqId":"FRAME"')
      .replace(/,"(sdk-\d+|[0-9a-f-]{36})"\]$/, ',"FRAME"]')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
        if (!ids.has(id)) ids.set(id, `ID${ids.size}`);
        return ids.get(id) as string;
      })
      .replace(/\d\d-\d\d-\d{4}_[\d-]+/g, 'TIME')
      .replace(/1\d{12}\b/g, 'TIME')
      .replace(/"temp_url_expires":"?\d+"?/, '"temp_url_expires":N')
      .replace(/[0-9a-f]{40}/g, 'SIGNATURE')
      .replace(/"newerThanSequence":-?\d+/, '"newerThanSequence":N')
      // Why there is no response: an error of this side, where the old one has nothing.
      .replace(/^(lost|offline) (\[\{"code":null,"service":"messaging","error":).*$/, '$1 $2…'),
  );
}

// The registry's version took the account out of a conversation, filled it in after a login alone, and tells nothing of what succeeds; the last one does.
const asTheRegistry = (trace: readonly string[]): string[] =>
  trace
    .filter((line) => !line.startsWith('success '))
    // Nor has its error a field.
    .map((line) =>
      line.replace(/"brandId":"le12345678",|,"brandId":"le12345678"/g, '').replace(/^(lost|offline) .*$/, '$1'),
    );

// The last version, of which there is a copy where the public programs are run.
const copy = join(process.env['LP_PUBLIC_PROGRAMS'] ?? '', 'node-agent-sdk');
const describeWhere = existsSync(join(copy, 'node_modules')) ? describe : describe.skip;

describe('what a program sees', () => {
  it.each(Object.keys(LOGINS))(
    'is, event by event and field by field, what it sees of the old package: %s',
    async (name) => {
      const login = LOGINS[name] as Login;
      const old = await traceOf(OldAgent as unknown as typeof Agent, login, name !== 'a bearer');
      const ours = await traceOf(Agent, login, name !== 'a bearer');
      expect(asTheRegistry(ours)).toEqual(asTheRegistry(old));
      expect(old.length).toBeGreaterThan(60);
    },
  );
});

describeWhere('what a program sees of the last version', () => {
  it.each(Object.keys(LOGINS))('is what it sees of this one: %s', async (name) => {
    const last = createRequire(import.meta.url)(copy) as { Agent: typeof Agent };
    const login = LOGINS[name] as Login;
    const old = await traceOf(last.Agent, login, name !== 'a bearer');
    expect(await traceOf(Agent, login, name !== 'a bearer')).toEqual(old);
  });
});
