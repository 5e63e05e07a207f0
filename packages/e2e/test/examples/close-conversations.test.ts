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

describe('close-conversations', () => {
  it('closes what is open in its skills and what is opened later, and leaves the rest', async () => {
    const mine = await simulator.consumer().startConversation({ skillId: '7' });
    const foreign = await simulator.consumer().startConversation({ skillId: '8' });
    const outcome = await runExample(simulator, 'close-conversations', {
      parameters: ['7', '9'],
      during: async ({ printed }) => {
        await mine.closed;
        await printed(new RegExp(`closed ${mine.conversationId}`));
        const late = await simulator.consumer().startConversation({ skillId: '9' });
        await late.closed;
        await printed(new RegExp(`closed ${late.conversationId}`));
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect([mine.stage, foreign.stage]).toEqual(['CLOSE', 'OPEN']);
  });
});
