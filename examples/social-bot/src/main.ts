import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { rehearsal } from './rehearsal.ts';
import { answerOnChannel } from './social.ts';

await run(
  'social-bot',
  async ({ options, signal }) => {
    await using agent = await connectAgent(options);
    await agent.setAgentState({ availability: 'ONLINE' });
    await agent.serve(answerOnChannel, { signal });
  },
  rehearsal,
);
