import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connectAgent } from '@lp/agent';
import { type Simulator, startSimulator } from '@lp/simulator';
import { root } from '../run-program.ts';
import { LONGEST_MS, PATIENCE, runExample } from './support.ts';

jest.setTimeout(LONGEST_MS);

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ agents: [{ username: 'bot' }, { username: 'reader' }] });
});

afterAll(async () => {
  await simulator.close();
});

describe('the file-sharing bot', () => {
  it('sends its picture whole, and reads the file it is sent', async () => {
    const picture = readFileSync(`${root}examples/file-sharing-bot/picture.png`);
    const { username = '', password = '' } = simulator.agents[1] ?? {};
    await using reader = await connectAgent({ ...simulator.connectOptions, credentials: { username, password } });
    const chat = await simulator.consumer().startConversation({ message: 'a picture, please' });
    const outcome = await runExample(simulator, 'file-sharing-bot', {
      during: async () => {
        const { event } = await chat.next(PATIENCE);
        expect(event).toMatchObject({
          contentType: 'hosted/file',
          message: { caption: 'Where we are', fileType: 'PNG' },
        });
        const { relativePath } = event['message'] as { relativePath: string };
        const stored = await reader.conversation(chat.conversationId).downloadFile(relativePath);
        expect(Buffer.from(stored).equals(picture)).toBe(true);
        await chat.sendFile(picture.subarray(0, 100), { fileType: 'PNG' });
        expect((await chat.next()).text).toBe('Thank you for your file of 100 bytes.');
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
