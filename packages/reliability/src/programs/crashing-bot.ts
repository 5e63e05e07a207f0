// A bot that dies of an error of the library that it does not catch, with secrets in its memory. They come by standard
// input, for a crash report holds the environment.
import { text } from 'node:stream/consumers';
import { connectAgent } from '@lp/agent';

const { options, conversationId, message } = JSON.parse(await text(process.stdin)) as {
  options: Parameters<typeof connectAgent>[0];
  conversationId: string;
  message: string;
};
const agent = await connectAgent({ ...options, requestTimeoutMs: 500, logger: console });
await agent.conversation(conversationId).send(message);
console.log('sent', agent, agent.conversation(conversationId));
await agent.conversation(conversationId).send(message);
throw new Error('the platform was told to refuse this');
