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

describe('the one-off script', () => {
  it('prints what was said, leaves its note, and ends by itself', async () => {
    const chat = await simulator.consumer().startConversation({ message: 'Hello?' });
    await chat.say('Anybody?');
    const outcome = await runExample(simulator, 'one-off-script', { parameters: [chat.conversationId] });
    expect(outcome).toEqual({ exitCode: 0, stderr: '', stdout: '0 CONSUMER Hello?\n1 CONSUMER Anybody?\n' });
    const { frame } = await simulator.waitForRequest('UpdateConversationField');
    expect(JSON.stringify(frame)).toMatch(/"field":"Note","note":"reviewed at \d{4}-/);
  });

  it('fails in one line when there is no such conversation', async () => {
    const { exitCode, stderr } = await runExample(simulator, 'one-off-script', { parameters: ['nothing'] });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^one-off-script: the server rejected .*QueryMessages with 400.*\n$/);
  });
});
