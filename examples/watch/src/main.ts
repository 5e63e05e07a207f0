import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { rehearsal } from './rehearsal.ts';
import { watch } from './watch.ts';

await run(
  'watch',
  async ({ options, signal }) => {
    await using agent = await connectAgent(options);
    await watch(agent, signal);
  },
  rehearsal,
);
