import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { rehearsal } from './rehearsal.ts';
import { fillInSurvey } from './survey.ts';

await run(
  'agent-survey-bot',
  async ({ options, signal }) => {
    await using agent = await connectAgent(options);
    await agent.setAgentState({ availability: 'ONLINE' });
    await agent.serve((conversation) => fillInSurvey(agent, conversation), { signal });
  },
  rehearsal,
);
