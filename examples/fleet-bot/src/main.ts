import { readFile } from 'node:fs/promises';
import { stopSignal } from '@lp/agent';
import { createFleet, type FleetLogin } from '@lp/fleet';
import { postgresEngine } from '@lp/fleet/postgres';
import { echo } from './bot.ts';

/** One worker: start as many as you like, on as many machines. */
async function main(): Promise<void> {
  if (process.argv.includes('--simulator')) {
    const { rehearse } = await import('./rehearsal.ts');
    return rehearse();
  }
  const { DATABASE_URL, LP_ACCOUNT, LP_CSDS, LP_LOGINS, LP_TTL_MS, LP_WORKER } = process.env;
  if (!LP_ACCOUNT || !DATABASE_URL || !LP_LOGINS) {
    throw new Error(
      'set LP_ACCOUNT, DATABASE_URL, and LP_LOGINS, a JSON file with a list of { "username", "password" }; or add --simulator, or try the demo: npm run demo:fleet',
    );
  }
  // Read again every minute, so that bot users can be added while the workers run.
  const logins = async (): Promise<FleetLogin[]> => {
    const list = JSON.parse(await readFile(LP_LOGINS, 'utf8')) as { username: string; password: string }[];
    return list.map((credentials) => ({ credentials }));
  };
  await using fleet = await createFleet({
    accountId: LP_ACCOUNT,
    logins,
    engine: postgresEngine(DATABASE_URL),
    ...(LP_CSDS && { csdsDomain: LP_CSDS, limits: { loginsPerSecond: 100 } }),
    ...(LP_WORKER && { name: LP_WORKER }),
    ...(LP_TTL_MS && { ttlMs: Number(LP_TTL_MS) }),
  });
  console.log(`fleet-bot: worker ${fleet.name} joins the fleet of account ${LP_ACCOUNT}`);
  await fleet.serve(echo, { signal: stopSignal() });
}

main().catch((error: Error) => {
  console.error(`fleet-bot: ${error.message}`);
  process.exitCode = 1;
});
