import { type AgentOptions, stopSignal } from '@lp/agent';
import { credentialsFromEnv } from '@lp/auth';
import { type Program, perform } from './program.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

/** Runs a program with the account of the environment or, with `--simulator`, its rehearsal. A failure is one line and exit code 1. */
export async function run(name: string, program: Program, rehearsal: Rehearsal): Promise<void> {
  try {
    const words = process.argv.slice(2);
    const parameters = words.filter((word) => word !== '--simulator');
    if (words.includes('--simulator')) await rehearse(program, rehearsal);
    else await perform(program, { options: optionsFromEnv(), env: process.env, parameters }, stopSignal);
  } catch (error) {
    console.error(`${name}: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

function optionsFromEnv(): AgentOptions {
  if (!process.env['LP_ACCOUNT']) {
    throw new Error(
      'no account is set. Set LP_ACCOUNT, LP_USER, LP_CLIENT_ID and LP_CLIENT_SECRET for a real one, or add --simulator',
    );
  }
  return credentialsFromEnv();
}
