import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { greetEverybody } from './greet.ts';
import { rehearsal } from './rehearsal.ts';

await run(
  'greeting-bot',
  async ({ options, signal }) => {
    await using agent = await connectAgent(options);
    console.log(`greeting-bot: watching account ${agent.accountId}`);
    await greetEverybody(agent, signal);
  },
  rehearsal,
);
