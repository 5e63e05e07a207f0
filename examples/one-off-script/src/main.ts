import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { rehearsal } from './rehearsal.ts';
import { review } from './review.ts';

await run(
  'one-off-script',
  async ({ options, parameters }) => {
    const [conversationId] = parameters;
    if (conversationId === undefined) throw new Error('say which conversation: node dist/main.js CONVERSATION_ID');
    await using agent = await connectAgent(options);
    await review(agent, conversationId);
  },
  rehearsal,
);
