import pg from 'pg';
import { failOver } from './fail-over.ts';
import { type Lab, type LabWorker, pause } from './lab.ts';

/** What strikes a fleet: its cause is undone when it resolves. */
export type Strike = (lab: Lab, victim: LabWorker, ttlMs: number) => Promise<void>;

const freeze = async ({ child }: LabWorker, ms: number): Promise<void> => {
  child.kill('SIGSTOP');
  await pause(ms);
  child.kill('SIGCONT');
};

/** Names the replica that has to confirm each commit; none, with an empty name. */
async function setSynchronous(lab: Lab, name: string): Promise<void> {
  const client = new pg.Client(lab.database.url);
  await client.connect();
  await client.query(`alter system set synchronous_standby_names = '${name}'`);
  await client.query('select pg_reload_conf()');
  await client.end();
}

/** Some last for longer than a TTL and some do not. */
export const STRIKES: Readonly<Record<string, Strike>> = {
  'kill -9': async (lab, victim) => {
    await lab.kill(victim);
    await lab.startWorker();
  },
  'frozen for longer than the TTL': (_lab, victim, ttlMs) => freeze(victim, 1.6 * ttlMs),
  'frozen for less than the TTL': (_lab, victim, ttlMs) => freeze(victim, 0.7 * ttlMs),
  'its event loop is blocked for longer than the TTL': async (_lab, victim, ttlMs) => {
    victim.order({ blockMs: 1.6 * ttlMs });
    await pause(1.8 * ttlMs);
  },
  'frozen between gate and system call': async (_lab, victim, ttlMs) => {
    // It is woken when it has been frozen for longer than a TTL.
    victim.order({ freezeAtWrite: true });
    for (const end = Date.now() + ttlMs; Date.now() < end; ) {
      if (victim.told.some(({ type }) => type === 'trapped')) return pause(1.8 * ttlMs);
      await pause(10);
    }
  },
  'suspended as a guest is: the monotonic clock counts no pause': async (_lab, victim, ttlMs) => {
    victim.order({ pauseless: 'monotonic' });
    await pause(50);
    await freeze(victim, 1.6 * ttlMs);
  },
  'frozen, and the wall clock counts no pause': async (_lab, victim, ttlMs) => {
    victim.order({ pauseless: 'wall' });
    await pause(50);
    await freeze(victim, 1.6 * ttlMs);
  },
  'the wall clock is set forward by an hour': async (_lab, victim, ttlMs) => {
    victim.order({ wallMs: 3_600_000 });
    await pause(ttlMs / 2);
  },
  'the wall clock is set back by an hour': async (_lab, victim, ttlMs) => {
    victim.order({ wallMs: -3_600_000 });
    await pause(ttlMs / 2);
  },
  'cut off from the engine': async (_lab, victim, ttlMs) => {
    victim.database.cut();
    await pause(1.6 * ttlMs);
    victim.database.open();
  },
  'half-open links to the engine': async (_lab, victim, ttlMs) => {
    victim.database.stall();
    await pause(1.6 * ttlMs);
    victim.database.open();
  },
  'a slow engine': async (_lab, victim, ttlMs) => {
    victim.database.delay(ttlMs / 8);
    await pause(ttlMs);
    victim.database.open();
  },
  'cut off from the platform': async (_lab, victim, ttlMs) => {
    victim.platform.cut();
    await pause(ttlMs);
    victim.platform.open();
  },
  'half-open links to the platform': async (_lab, victim, ttlMs) => {
    victim.platform.stall();
    await pause(ttlMs);
    victim.platform.open();
  },
  'bytes to and from the platform come late': async (_lab, victim, ttlMs) => {
    victim.platform.delay(ttlMs / 6);
    await pause(ttlMs);
    victim.platform.open();
  },
  'cut off from both': async (_lab, victim, ttlMs) => {
    victim.platform.cut();
    victim.database.cut();
    await pause(1.6 * ttlMs);
    victim.platform.open();
    victim.database.open();
  },
  'all links to the engine are half open': async (lab, _victim, ttlMs) => {
    const all = [...lab.workers.values()];
    for (const { database } of all) database.stall();
    await pause(1.6 * ttlMs);
    for (const { database } of all) database.open();
  },
  'commits hang while reads go on': async (lab, _victim, ttlMs) => {
    // As when a disk hangs, or the replica that has to confirm each commit is gone.
    await setSynchronous(lab, 'nobody');
    await pause(1.6 * ttlMs);
    await setSynchronous(lab, '');
  },
  'the engine is killed and started again': async (lab, _victim, ttlMs) => {
    await lab.database.kill();
    await pause(1.5 * ttlMs);
    await lab.database.start();
  },
  'the engine is restarted at once': async (lab) => {
    await lab.database.kill();
    await lab.database.start();
  },
  'a synchronous replica is promoted': (lab, _victim, ttlMs) =>
    failOver(lab, { isSynchronous: true, lossMs: ttlMs / 3 }),
  'an asynchronous replica is promoted, and the last commits are lost': (lab, _victim, ttlMs) =>
    failOver(lab, { isSynchronous: false, lossMs: ttlMs / 2 }),
  'one is replaced, as in a deployment': async (lab, victim) => {
    await lab.startWorker();
    await lab.stop(victim);
  },
};
