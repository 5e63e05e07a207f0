import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { LONGEST_MS, runExample } from './support.ts';

jest.setTimeout(LONGEST_MS);

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterAll(async () => {
  await simulator.close();
});

describe('watch', () => {
  it('prints what happens in the account, a lost connection and what was missed meanwhile', async () => {
    const chat = await simulator.consumer().startConversation({ skillId: '7', message: 'first' });
    const { conversationId } = chat;
    const outcome = await runExample(simulator, 'watch', {
      during: async ({ printed }) => {
        await printed(new RegExp(`^\\S+Z ${conversationId} in skill 7 with CONSUMER; CONSUMER: "first"$`, 'm'));
        simulator.faults.dropAll();
        await chat.say('second');
        await printed(/^\S+Z connection: disconnected: /m);
        await printed(/^\S+Z connection: reconnected$/m);
        await printed(new RegExp(`${conversationId} in skill 7 with CONSUMER; CONSUMER: "second"$`, 'm'));
        await chat.close();
        await printed(new RegExp(`^\\S+Z ${conversationId} is over$`, 'm'));
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^\S+ WARN @lp: disconnected .*\n$/) });
  });
});
