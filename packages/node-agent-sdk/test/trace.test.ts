import { EventEmitter, once } from 'node:events';
import { globalAgent } from 'node:https';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Agent } from '@lp/node-agent-sdk';
import { startSimulator } from '@lp/simulator';
import { Agent as OldAgent } from 'node-agent-sdk';

afterEach(() => {
  delete globalAgent.options.ca;
  globalAgent.destroy();
});

/** The same program on both: it takes a conversation, answers it, gives it back, and is refused something. */
async function traceOf(Kind: typeof Agent): Promise<string[]> {
  const simulator = await startSimulator({ tls: true, skills: [{ id: '7' }] });
  // The old package has no option for an authority.
  globalAgent.options.ca = simulator.ca;
  const { username = '', password = '' } = simulator.agents[0] ?? {};
  const { accountId, csdsDomain, ca } = simulator;
  const agent = new Kind({ accountId, csdsDomain, ca, username, password });
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
      if (event.type !== 'ContentEvent' || originatorId === agent.agentId) continue;
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
    await chat.say(text);
    await chat.next();
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
  await asked((done) => agent.getClock({}, done), 'clock');
  agent.dispose();
  await simulator.close();
  return masked(trace);
}

/** Ids in the order of their first appearance, times, ids of frames, and what differs on purpose. */
function masked(trace: readonly string[]): string[] {
  const ids = new Map<string, string>();
  return trace
    .filter((line) => !line.startsWith('success '))
    .map((line) =>
      line
        .replace(/"id":"[^"]*","type":"\./, '"id":"FRAME","type":".')
        .replace(/"reqId":"[^"]*"/, '"reqId":"FRAME"')
        .replace(/,"(sdk-\d+|[0-9a-f-]{36})"\]$/, ',"FRAME"]')
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
          if (!ids.has(id)) ids.set(id, `ID${ids.size}`);
          return ids.get(id) as string;
        })
        .replace(/1\d{12}\b/g, 'TIME')
        .replace(/"newerThanSequence":-?\d+/, '"newerThanSequence":N')
        // The registry's version took the account out of a conversation; the last one left it.
        .replace(/"brandId":"le12345678",("state":"OPEN")/g, '$1'),
    );
}

describe('what a program sees', () => {
  it('is, event by event and field by field, what it sees of the old package', async () => {
    const old = await traceOf(OldAgent as unknown as typeof Agent);
    const ours = await traceOf(Agent);
    expect(ours).toEqual(old);
    expect(old.length).toBeGreaterThan(60);
  });
});
