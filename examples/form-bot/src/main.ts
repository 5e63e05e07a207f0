import { connectAgent, createFileDialogStore } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { takeOrders } from './form.ts';
import { rehearsal } from './rehearsal.ts';

await run(
  'form-bot',
  async ({ env, options, signal }) => {
    // Without a file the READ marks of the platform say where it was.
    const file = env['FORM_BOT_STORE'];
    await using store = file ? createFileDialogStore(file) : undefined;
    await using agent = await connectAgent({ ...options, store });
    await agent.setAgentState({ availability: 'ONLINE' });
    await agent.serve(takeOrders, { signal });
  },
  rehearsal,
);
