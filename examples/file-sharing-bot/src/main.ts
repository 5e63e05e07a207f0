import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { rehearsal } from './rehearsal.ts';
import { shareFiles } from './share.ts';

await run(
  'file-sharing-bot',
  async ({ options, signal }) => {
    await using agent = await connectAgent(options);
    await agent.setAgentState({ availability: 'ONLINE' });
    await agent.serve(shareFiles, { signal });
  },
  rehearsal,
);
