// A bot that dies of an error of the library that it does not catch, with secrets in its memory. They come by standard
// input, for a crash report holds the environment.
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { connectAgent } from '@lp/agent';

const { options, conversationId, message } = JSON.parse(await text(process.stdin)) as {
  options: Parameters<typeof connectAgent>[0];
  conversationId: string;
  message: string;
};
const agent = await connectAgent({ ...options, requestTimeoutMs: 500, logger: console });
const conversation = agent.conversation(conversationId);
// As a careless program would do.
process.stdout.write(`printed: ${inspect({ agent, conversation })} ${JSON.stringify({ agent, conversation })}\n`);
await conversation.send(message);
throw new Error('the platform was told to refuse this');
