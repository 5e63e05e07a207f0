import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopSignal } from '@lp/agent';
import { createFleet } from '@lp/fleet';
import { postgresEngine } from '@lp/fleet/postgres';
import { type LocalPostgres, startPostgres } from '@lp/local-postgres';
import { type Simulator, startSimulator } from '@lp/simulator';
import { Crew } from './crew.ts';
import { Crowd } from './crowd.ts';
import { type Scene, Stage } from './stage.ts';

const BOT_USERS = 20;
const CONSUMERS = 40;
const TTL_MS = 3_000;
// Once is for programs that watch, and has to be over soon; a person wants to see what happens.
const isLive = process.stdout.isTTY && !process.argv.includes('--once');
const ACT_MS = isLive ? 6_000 : 1_000;

interface Play {
  readonly stage: Stage;
  readonly crew: Crew;
  readonly crowd: Crowd;
  readonly database: LocalPostgres;
  readonly simulator: Simulator;
}

async function main(): Promise<void> {
  console.log('Starting PostgreSQL, the simulator and three workers …');
  const signal = stopSignal();
  // Two conversations each, so that every worker has some, whichever is the first to be ready.
  const agents = Array.from({ length: BOT_USERS }, (_, i) => ({
    username: `bot-${i + 1}@example.com`,
    maxConversations: CONSUMERS / BOT_USERS,
  }));
  await using database = await startPostgres();
  await using simulator = await startSimulator({ agents });
  const logins = simulator.agents.map(({ username, password }) => ({ username, password }));
  const folder = mkdtempSync(join(tmpdir(), 'lp-fleet-'));
  const file = join(folder, 'logins.json');
  writeFileSync(file, JSON.stringify(logins), { mode: 0o600 });
  const crew = new Crew({
    LP_ACCOUNT: simulator.accountId,
    LP_CSDS: simulator.csdsDomain,
    LP_LOGINS: file,
    LP_TTL_MS: `${TTL_MS}`,
    DATABASE_URL: database.url,
  });
  const crowd = new Crowd();
  // Looks at the fleet as any program may, without being a worker.
  const watcher = await createFleet({
    accountId: simulator.accountId,
    logins: logins.map((credentials) => ({ credentials })),
    engine: postgresEngine(database.url),
    ttlMs: TTL_MS,
  });
  try {
    const stage = new Stage(watcher, crowd, { isLive, signal });
    await play({ stage, crew, crowd, database, simulator });
  } catch (error) {
    if (!signal.aborted) throw error;
    console.log('Stopped before the end: nothing is left running.');
  } finally {
    await crowd.stopTalking();
    await crew.stop();
    await watcher.drain();
    rmSync(folder, { recursive: true });
  }
}

/** Each act waits for what it shows, so a slow machine only takes longer. */
async function play({ crew, crowd, database, simulator, stage }: Play): Promise<void> {
  const first = [crew.add(), crew.add(), crew.add()];
  await stage.until('Three workers share the bot users', isShared(first));
  await crowd.open(simulator, CONSUMERS);
  crowd.talk(isLive ? 800 : 400);
  const isEverybodyAnswered = () => crowd.tally().answered >= CONSUMERS;
  await stage.until(`${CONSUMERS} consumers talk all the time`, isEverybodyAnswered, ACT_MS);

  crew.signal('worker-1', 'SIGKILL');
  let isAnswered = crowd.mark();
  const killed: Scene = (view) => isShared(['worker-2', 'worker-3'])(view) && isAnswered();
  await stage.until('worker-1 was killed: the others take its bot users over', killed, ACT_MS);

  crew.signal('worker-2', 'SIGSTOP');
  isAnswered = crowd.mark();
  const frozen: Scene = (view) => isShared(['worker-3'])(view) && isAnswered();
  await stage.until('worker-2 is frozen, as a machine that stands still', frozen, ACT_MS);
  crew.signal('worker-2', 'SIGCONT');
  const woken = 'worker-2 wakes: it has lost everything, joins anew, and gets its share';
  await stage.until(woken, isShared(['worker-2', 'worker-3']), ACT_MS);

  await database.kill();
  await stage.until('The database was killed', (view) => view === undefined, Math.max(ACT_MS, 2 * TTL_MS));
  await database.start();
  isAnswered = crowd.mark();
  const back = 'The database is back: everybody goes on with what they had';
  await stage.until(back, (view) => isShared(['worker-2', 'worker-3'])(view) && isAnswered(), ACT_MS);

  const added = crew.add();
  await stage.until(`${added} joins and gets its share`, isShared(['worker-2', 'worker-3', added]), ACT_MS);
  await crowd.stopTalking();
  await stage.untilAnswered('The consumers have fallen silent');
  const { said, skipped, twice, waiting } = crowd.tally();
  console.log(`messages ${said}, lost ${skipped + waiting}, twice ${twice}`);
  if (skipped + waiting + twice > 0)
    throw new Error(
      `messages were lost, or not answered although nothing more came, or answered twice\n${crew.complaints}`,
    );
  console.log('\nThe worker is about thirty lines: examples/fleet-bot/src/main.ts');
}

/** These workers alone hold all bot users, as evenly as can be. */
function isShared(names: readonly string[]): Scene {
  return (view) => {
    if (view?.workers.length !== names.length) return false;
    const held = names.map((name) => view.logins.filter(({ owner }) => owner === name).length);
    return held.reduce((sum, count) => sum + count, 0) === BOT_USERS && Math.max(...held) - Math.min(...held) <= 1;
  };
}

main().catch((error: Error) => {
  console.error(`demo:fleet: ${error.message}`);
  process.exitCode = 1;
});
