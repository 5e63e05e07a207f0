import { connectAgent, stopSignal } from '@lp/agent';
import { credentialsFromEnv } from '@lp/auth';
import { echo } from './echo.ts';

async function main(): Promise<void> {
  if (!process.env['LP_ACCOUNT']) {
    throw new Error(
      'no account is set. Set LP_ACCOUNT, LP_USER, LP_CLIENT_ID and LP_CLIENT_SECRET for a real one, or try the simulator: npm run demo',
    );
  }
  await using agent = await connectAgent(credentialsFromEnv());
  await agent.setAgentState({ availability: 'ONLINE' });
  console.log(`echo-bot: online in account ${agent.accountId}, waiting for consumers`);
  await agent.serve(echo, { signal: stopSignal() });
}

main().catch((error: Error) => {
  console.error(`echo-bot: ${error.message}`);
  process.exitCode = 1;
});
