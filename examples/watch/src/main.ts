import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { rehearsal } from './rehearsal.ts';
import { watch } from './watch.ts';

await run(
  'watch',
  async ({ options, signal }) => {
    await using agent = await connectAgent(options);
    signal.addEventListener('abort', () => void agent.drain());
    await watch(agent);
  },
  rehearsal,
);
