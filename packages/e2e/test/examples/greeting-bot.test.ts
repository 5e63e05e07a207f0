import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { answers, LONGEST_MS, PATIENCE, runExample } from './support.ts';

jest.setTimeout(LONGEST_MS);

const WELCOME = 'Welcome! A colleague will be with you in a moment.';
let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator();
});

afterEach(async () => {
  await simulator.close();
});

describe('the greeting bot', () => {
  it('greets every open conversation and every new one as a manager, and none again after a restart', async () => {
    const early = await simulator.consumer().startConversation({ message: 'hi' });
    const greeted = await runExample(simulator, 'greeting-bot', {
      during: async () => {
        const { text, originator } = await early.next(PATIENCE);
        expect([text, originator.role]).toEqual([WELCOME, 'MANAGER']);
        const late = await simulator.consumer().startConversation({ message: 'hi' });
        expect((await late.next(PATIENCE)).text).toBe(WELCOME);
      },
    });
    expect(greeted).toMatchObject({ exitCode: 0, stderr: '' });
    const again = await runExample(simulator, 'greeting-bot', {
      during: async () => {
        // The second comes after all those of the start have been looked at.
        for (const _ of ['first', 'second']) {
          const chat = await simulator.consumer().startConversation({ message: 'hi' });
          expect((await chat.next(PATIENCE)).text).toBe(WELCOME);
        }
      },
    });
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
    expect(answers(early)).toEqual([WELCOME]);
  });

  it('goes on with the others when one conversation cannot be joined', async () => {
    simulator.faults.failRequests('UpdateConversationField', 400, { times: 1 });
    const consumers = [simulator.consumer(), simulator.consumer()];
    const chats = await Promise.all(consumers.map((consumer) => consumer.startConversation()));
    const { stderr } = await runExample(simulator, 'greeting-bot', {
      during: async () => {
        const { text } = await simulator.waitForRequest('PublishEvent', undefined, PATIENCE);
        const greeted = chats.find(({ conversationId }) => text.includes(conversationId));
        expect((await greeted?.next())?.text).toBe(WELCOME);
      },
    });
    expect(stderr).toMatch(/rejected .*UpdateConversationField with 400/);
    expect(chats.flatMap(answers)).toEqual([WELCOME]);
  });

  it('ends cleanly while many are still to be greeted', async () => {
    simulator.openConversations(200);
    const outcome = await runExample(simulator, 'greeting-bot', {
      during: async () => {
        await simulator.waitForRequest('PublishEvent', undefined, PATIENCE);
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    const said = simulator.recentFrames.filter(
      ({ direction, type }) => direction === 'in' && type === '.ams.ms.PublishEvent',
    );
    expect(said.length).toBeLessThan(200);
  });

  it('greets once across a lost connection', async () => {
    const before = await simulator.consumer().startConversation({ message: 'hi' });
    const { stderr } = await runExample(simulator, 'greeting-bot', {
      during: async () => {
        await before.next(PATIENCE);
        simulator.faults.dropAll();
        const meanwhile = await simulator.consumer().startConversation({ message: 'hi' });
        expect((await meanwhile.next(PATIENCE)).text).toBe(WELCOME);
      },
    });
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/ WARN @lp: disconnected \(closeCode=1006, /)]);
    expect(answers(before)).toEqual([WELCOME]);
  });
});
