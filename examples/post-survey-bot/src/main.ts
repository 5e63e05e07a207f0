import { connectAgent } from '@lp/agent';
import { run } from '@lp-examples/shared';
import { rehearsal } from './rehearsal.ts';
import { runSurveys } from './survey.ts';

await run(
  'post-survey-bot',
  async ({ options, env, signal }) => {
    const appInstallId = env['LP_APP_INSTALL_ID'];
    if (!appInstallId) throw new Error('set LP_APP_INSTALL_ID to the id of your survey app');
    await using agent = await connectAgent(options);
    await runSurveys(agent, appInstallId, signal);
  },
  rehearsal,
);
