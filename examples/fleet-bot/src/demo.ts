import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFleet, type Fleet, type FleetView } from '@lp/fleet';
import { postgresEngine } from '@lp/fleet/postgres';
import { startPostgres } from '@lp/local-postgres';
import { startSimulator } from '@lp/simulator';
import { Crew } from './crew.ts';
import { Crowd, pause } from './crowd.ts';
import { draw } from './table.ts';

const BOT_USERS = 20;
const CONSUMERS = 40;
const TTL_MS = 3_000;
// A busy machine needs its time.
const LONGEST_WAIT_MS = 60_000;
// Once is for programs that watch, and has to be over soon; a person wants to see what happens.
const once = process.argv.includes('--once') || !process.stdout.isTTY;
const ACT_MS = once ? 2_500 : 6_000;

async function main(): Promise<void> {
  console.log('Starting PostgreSQL, the simulator and three workers …');
  const folder = mkdtempSync(join(tmpdir(), 'lp-fleet-'));
  const agents = Array.from({ length: BOT_USERS }, (_, i) => ({ username: `bot-${i + 1}@example.com` }));
  await using database = await startPostgres();
  await using simulator = await startSimulator({ agents });
  const logins = simulator.agents.map(({ username, password }) => ({ username, password }));
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
  const stage = new Stage(watcher, crowd);
  try {
    for (let i = 0; i < 3; i++) crew.add();
    await stage.until('Three workers share the bot users', (view) => heldBy(view) === BOT_USERS);
    await crowd.open(simulator, CONSUMERS);
    crowd.talk(once ? 400 : 800);
    const talking = `${CONSUMERS} consumers talk all the time`;
    await stage.until(talking, () => crowd.tally().answered >= CONSUMERS);
    await stage.show(talking, ACT_MS);

    crew.signal('worker-1', 'SIGKILL');
    await stage.show('worker-1 was killed: the others take its bot users over', ACT_MS);
    await stage.until('worker-1 was killed: the others have its bot users', (view) => heldBy(view) === BOT_USERS);

    crew.signal('worker-2', 'SIGSTOP');
    await stage.show('worker-2 is frozen, as a machine that stands still', Math.max(ACT_MS, 2 * TTL_MS));
    crew.signal('worker-2', 'SIGCONT');
    await stage.show('worker-2 wakes: it has lost everything, and joins anew', ACT_MS);

    await database.kill();
    await stage.show('The database was killed', Math.max(ACT_MS, 2 * TTL_MS));
    await database.start();
    await stage.show('The database is back: everybody goes on with what they had', ACT_MS);

    const added = crew.add();
    await stage.show(`${added} joins and gets its share`, 2 * ACT_MS);
    await crowd.stopTalking();
    const answered = await crowd.allAnswered(LONGEST_WAIT_MS);
    await stage.show('The consumers have fallen silent', 0);
    const { said, twice, waiting } = crowd.tally();
    console.log(`messages ${said}, lost ${waiting}, twice ${twice}`);
    if (!answered || twice > 0) throw new Error(`a message was lost or answered twice\n${crew.complaints}`);
    console.log('\nThe worker is about thirty lines: examples/fleet-bot/src/main.ts');
  } finally {
    await crowd.stopTalking();
    await crew.stop();
    await watcher.drain();
    rmSync(folder, { recursive: true });
  }
}

const heldBy = (view: FleetView | undefined): number =>
  view?.logins.filter(({ owner }) => owner !== undefined).length ?? 0;

/** Shows what happens: on a terminal the picture moves, else it is drawn once for each act. */
class Stage {
  readonly #fleet: Fleet;
  readonly #crowd: Crowd;

  constructor(fleet: Fleet, crowd: Crowd) {
    this.#fleet = fleet;
    this.#crowd = crowd;
  }

  async show(title: string, forMs: number): Promise<void> {
    const end = Date.now() + forMs;
    do {
      await this.#draw(title, !once);
      await pause(Math.min(250, Math.max(0, end - Date.now())));
    } while (Date.now() < end);
    if (once) await this.#draw(title, true);
  }

  async until(title: string, holds: (view: FleetView | undefined) => boolean): Promise<void> {
    const end = Date.now() + LONGEST_WAIT_MS;
    while (!holds(await this.#draw(title, !once))) {
      if (Date.now() > end) throw new Error(`it takes too long: ${title}`);
      await pause(100);
    }
    if (once) await this.#draw(title, true);
  }

  async #draw(title: string, visible: boolean): Promise<FleetView | undefined> {
    const view = await this.#fleet.view().catch(() => undefined);
    if (!visible) return view;
    if (!once) process.stdout.write('\u001b[2J\u001b[H');
    console.log(draw(title, view, this.#crowd.tally(), BOT_USERS));
    return view;
  }
}

main().catch((error: Error) => {
  console.error(`demo:fleet: ${error.message}`);
  process.exitCode = 1;
});
