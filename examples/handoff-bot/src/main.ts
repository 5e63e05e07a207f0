import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { helpOrHandOff } from './help.ts';
import { rehearsal } from './rehearsal.ts';

await run(
  'handoff-bot',
  async ({ env, options, signal }) => {
    const skillId = env['LP_HANDOFF_SKILL'];
    if (!skillId) throw new Error('set LP_HANDOFF_SKILL to the id of the skill that takes over');
    await using agent = await connectAgent(options);
    await agent.setAgentState({ availability: 'ONLINE' });
    await agent.serve(helpOrHandOff(skillId), { signal });
  },
  rehearsal,
);
