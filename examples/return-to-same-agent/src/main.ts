import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { rehearsal } from './rehearsal.ts';
import { handOver } from './return.ts';

await run(
  'return-to-same-agent',
  async ({ options, env, signal }) => {
    const fallbackSkillId = env['LP_FALLBACK_SKILL'];
    if (!fallbackSkillId) throw new Error('set LP_FALLBACK_SKILL to the skill for consumers whose agent is away');
    await using agent = await connectAgent(options);
    await agent.setAgentState({ availability: 'ONLINE' });
    await agent.serve((conversation) => handOver(agent, conversation, fallbackSkillId), { signal });
  },
  rehearsal,
);
