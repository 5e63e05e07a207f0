import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { closeAll } from './close.ts';
import { rehearsal } from './rehearsal.ts';

await run(
  'close-conversations',
  async ({ options, parameters, signal }) => {
    // Closing cannot be undone, so it is never done to a whole account by accident.
    if (parameters.length === 0) throw new Error('say which skills: node dist/main.js SKILL_ID…');
    await using agent = await connectAgent(options);
    await closeAll(agent, parameters, signal);
  },
  rehearsal,
);
