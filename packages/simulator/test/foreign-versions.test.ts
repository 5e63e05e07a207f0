import { once } from 'node:events';
import { globalAgent } from 'node:https';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Quirks, type Simulator, startSimulator } from '@lp/simulator';
import { Agent as Agent12 } from 'node-agent-sdk';
import { Agent as Agent0 } from 'node-agent-sdk-0';
import { Agent as Agent11 } from 'node-agent-sdk-1.1';

interface Ring {
  ringId: string;
  ringState: string;
}
interface Message {
  originatorId: string;
  dialogId: string;
  event: { type: string; message?: string };
}
type Notification<T> = { changes: T[] };

const ignore = (): undefined => undefined;

let simulator: Simulator;
let agent: Agent12;
afterEach(async () => {
  agent.dispose();
  await simulator.close();
  delete globalAgent.options.ca;
  globalAgent.destroy();
});

/** A bot as the client's own guide writes it: accepts every ring, echoes every message. */
async function startEcho(Agent: typeof Agent12, quirks: Partial<Quirks>): Promise<void> {
  simulator = await startSimulator({ tls: true, quirks });
  globalAgent.options.ca = simulator.ca;
  const { accountId, csdsDomain, ca, agents } = simulator;
  const [{ username, password } = { username: '', password: '' }] = agents;
  agent = new Agent({ accountId, csdsDomain, username, password, ca, errorCheckInterval: 20 });
  agent.on('error', ignore);
  agent.on('closed', ignore);
  agent.on('routing.RoutingTaskNotification', ({ changes }: Notification<{ result: { ringsDetails: Ring[] } }>) => {
    for (const { ringId, ringState } of changes.flatMap(({ result }) => result.ringsDetails)) {
      if (ringState === 'WAITING') agent.updateRingState({ ringId, ringState: 'ACCEPTED' }, ignore);
    }
  });
  agent.on('ms.MessagingEventNotification', ({ changes }: Notification<Message>) => {
    for (const { event, dialogId, originatorId } of changes) {
      if (event.type !== 'ContentEvent' || originatorId === agent.agentId) continue;
      const echo = { type: 'ContentEvent', contentType: 'text/plain', message: `echo: ${event.message}` };
      agent.publishEvent({ dialogId, event: echo }, ignore);
    }
  });
  await once(agent, 'connected');
  agent.subscribeExConversations({ convState: ['OPEN'], agentIds: [agent.agentId] }, ignore);
  agent.subscribeRoutingTasks({}, ignore);
  agent.setAgentState({ availability: 'ONLINE' }, ignore);
  await simulator.waitForRequest('SetAgentState');
}

describe('every version of the platform’s own old client that the registry has a line of', () => {
  it.each<[string, typeof Agent12, Partial<Quirks>]>([
    ['0.2.22', Agent0, {}],
    ['1.1.6', Agent11, {}],
    ['1.2.0', Agent12, {}],
    ['1.2.0, older forms', Agent12, { firstNotification: 'with-response', newerEventFields: false }],
    ['1.2.0, ids as numbers', Agent12, { numericIds: true }],
  ])('takes a conversation and echoes, unchanged: %s', async (_, Agent, quirks) => {
    await startEcho(Agent, quirks);
    const chat = await simulator.consumer().startConversation();
    await simulator.waitForRequest('UpdateRingState');
    for (const text of ['one', 'two']) {
      await chat.say(text);
      expect((await chat.next()).text).toBe(`echo: ${text}`);
    }
    await chat.close();
    await chat.closed;
  });
});
