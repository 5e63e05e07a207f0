import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { LONGEST_MS, PATIENCE, runExample } from './support.ts';

jest.setTimeout(LONGEST_MS);

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterAll(async () => {
  await simulator.close();
});

const written = (channel: 'Public' | 'Private', type: string) => ({
  type: 'SocialMessagingEventData',
  channel,
  replyToId: '107_151',
  event: { source: 'Facebook', type },
  conversationState: { currentChannel: channel, dmChatId: '715' },
});

describe('the social bot', () => {
  it('answers in public or in private, as it was written to, and plainly where there is no channel', async () => {
    const chat = await simulator.consumer().startConversation();
    const outcome = await runExample(simulator, 'social-bot', {
      during: async () => {
        await chat.say('a comment', { metadata: [written('Public', 'CommentToPost')] });
        const open = await chat.next(PATIENCE);
        expect(open.text).toBe('Thank you for writing to us on Facebook (public).');
        expect(open.metadata).toContainEqual(written('Public', 'CP'));
        await chat.say('a message', { metadata: [written('Private', 'DirectMessage')] });
        const closed = await chat.next();
        expect(closed.text).toBe('Thank you for writing to us on Facebook (private).');
        expect(closed.metadata).toContainEqual(written('Private', 'DirectMessage'));
        await chat.say('from the web site', { metadata: [{ type: 'AutoMessage' }] });
        expect((await chat.next()).text).toBe('echo: from the web site');
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
