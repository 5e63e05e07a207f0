import { type AgentOptions, connectAgent, stopSignal } from '@lp/agent';
import { credentialsFromEnv } from '@lp/auth';
import { echo } from './echo.ts';

async function bot(options: AgentOptions, signal: AbortSignal): Promise<void> {
  await using agent = await connectAgent(options);
  await agent.setAgentState({ availability: 'ONLINE' });
  console.log(`echo-bot: online in account ${agent.accountId}, waiting for consumers`);
  await agent.serve(echo, { signal });
}

async function main(): Promise<void> {
  if (process.argv.includes('--simulator')) {
    // Loaded here, so that a bot with a real account does without it.
    const { rehearse } = await import('./rehearsal.ts');
    return rehearse(bot);
  }
  if (!process.env['LP_ACCOUNT']) {
    throw new Error(
      'no account is set. Set LP_ACCOUNT, LP_USER, LP_CLIENT_ID and LP_CLIENT_SECRET for a real one, or add --simulator',
    );
  }
  return bot(credentialsFromEnv(), stopSignal());
}

main().catch((error: Error) => {
  console.error(`echo-bot: ${error.message}`);
  process.exitCode = 1;
});
