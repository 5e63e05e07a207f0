// A bot that may be killed at any moment: answers each message once, its cursors in the file it is given.
import { connectAgent, createFileCursorStore } from '@lp/agent';
import { credentialsFromEnv } from '@lp/auth';

const agent = await connectAgent({
  ...credentialsFromEnv(),
  cursors: createFileCursorStore(process.env.CURSOR_FILE),
  reconnect: { initialMs: 1, maxMs: 50, loginSpacingMs: 0, dialSpacingMs: 0 },
});
await agent.setAgentState({ availability: 'ONLINE' });
console.log('online');
await agent.serve(async (conversation) => {
  for await (const message of conversation.messages()) {
    await conversation.send(`echo: ${message.text}`, { inReplyTo: message });
    await message.markRead();
  }
});
