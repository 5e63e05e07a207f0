import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Agent, type Conversation, connectAgent } from '@lp/agent';
import { type SimulatedConsumer, type Simulator, startSimulator } from '@lp/simulator';
import { LONGEST_MS, PATIENCE, runExample } from './support.ts';

jest.setTimeout(LONGEST_MS);

const env = { LP_FALLBACK_SKILL: '9' };
let simulator: Simulator;
let bea: Agent;
let ada: SimulatedConsumer;

beforeEach(async () => {
  simulator = await startSimulator({
    agents: [
      { username: 'bot', skills: ['7'] },
      { username: 'bea', skills: ['8'] },
    ],
  });
  const { username = '', password = '' } = simulator.agents[1] ?? {};
  bea = await connectAgent({ ...simulator.connectOptions, credentials: { username, password } });
  ada = simulator.consumer({ firstName: 'Ada' });
});

afterEach(async () => {
  await bea.close();
  await simulator.close();
});

async function nextRing(): Promise<Conversation> {
  for await (const ring of bea.rings()) return await ring.accept();
  throw new Error('no ring came');
}

async function talkToBea(): Promise<void> {
  await bea.setAgentState({ availability: 'ONLINE' });
  const chat = await ada.startConversation({ skillId: '8', message: 'hi' });
  await (await nextRing()).close();
  await chat.closed;
}

describe('return-to-same-agent', () => {
  it('offers the consumer to the agent of the conversation before, with the skill of that one', async () => {
    await talkToBea();
    const chat = await ada.startConversation({ skillId: '7', message: 'hi again' });
    const outcome = await runExample(simulator, 'return-to-same-agent', {
      env,
      during: async () => {
        expect((await chat.next(PATIENCE)).text).toMatch(/the colleague you know/);
        const conversation = await nextRing();
        await conversation.send('Bea here');
        expect((await chat.next()).text).toBe('Bea here');
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    await simulator.waitForRequest('UpdateConversationField', ({ text }) => text.includes('"skill":"8"'));
  });

  it.each([
    [
      'that agent is away',
      async () => {
        await talkToBea();
        await bea.setAgentState({ availability: 'AWAY' });
      },
    ],
    ['there was no conversation before', async () => undefined],
  ])('brings the consumer to the other skill when %s', async (_what, prepare) => {
    await prepare();
    const chat = await ada.startConversation({ skillId: '7', message: 'hi again' });
    const outcome = await runExample(simulator, 'return-to-same-agent', {
      env,
      during: async () => {
        expect((await chat.next(PATIENCE)).text).toMatch(/the next colleague/);
        await simulator.waitForRequest('UpdateConversationField', ({ text }) => text.includes('"skill":"9"'));
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
