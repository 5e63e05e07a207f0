// A bot that may be killed at any moment. Its options come as JSON in LP_BOT; its time may be faster than the machine's.
import { connectAgent, createFileCursorStore } from '@lp/agent';
import { credentialsFromEnv } from '@lp/auth';
import { createScaledClock } from '../lib/scaled-clock.ts';

const { factor, startedAt, cursorFile } = JSON.parse(process.env['LP_BOT'] ?? '{}') as {
  factor: number;
  startedAt: number;
  cursorFile: string;
};
const clock = createScaledClock(factor, startedAt);
const agent = await connectAgent({
  ...credentialsFromEnv(),
  clock,
  cursors: createFileCursorStore(cursorFile),
  firstConnect: 'retry',
  // Its tokens are revoked every few seconds, which is what another program with the same user looks like.
  contestedWaitMs: 0,
  reconnect: {
    initialMs: 1_000,
    maxMs: 2_000,
    serverErrorDelaysMs: [2_000],
    loginSpacingMs: 1_000,
    maxAttempts: Number.POSITIVE_INFINITY,
  },
});
await agent.setAgentState({ availability: 'ONLINE' });
process.stdout.write('online\n');
await agent.serve(async (conversation) => {
  for await (const message of conversation.messages()) {
    await conversation.send(`echo: ${message.text}`, { inReplyTo: message });
    await message.markRead();
  }
});
