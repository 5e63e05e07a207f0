import pg from 'pg';
import { Lab, type LabOptions, type LabWorker, pause } from './lab.ts';
import type { Defence } from './setting.ts';

/** What happens with a defence, and with it alone switched off: it is needed if the latter is worse. */
export interface DefenceResult {
  readonly defence: Defence;
  /** What was done, and what is counted. */
  readonly what: string;
  /** How many there may be; more is what the defence is against. */
  readonly most: number;
  readonly with: number;
  readonly without: number;
}

interface Trial {
  readonly what: string;
  readonly most: (options: LabOptions) => number;
  readonly options?: Partial<LabOptions>;
  readonly run: (lab: Lab, start: () => Promise<LabWorker>, options: LabOptions, isBroken: boolean) => Promise<number>;
}

const LOGINS_PER_SECOND = 1;

const TRIALS: Readonly<Record<Defence, Trial>> = {
  gate: {
    what: 'a worker is frozen with unread messages until another has answered them: answered twice',
    most: () => 0,
    async run(lab, start, { logins, ttlMs }) {
      const victim = await start();
      await lab.allServed();
      const heir = await start();
      await pause(ttlMs / 2);
      victim.child.kill('SIGSTOP');
      for (const id of lab.said.keys()) lab.say(id);
      // The other one answers meanwhile what the victim finds in its sockets when it wakes.
      await until(() => heir.serving.size === logins);
      await lab.settle();
      victim.child.kill('SIGCONT');
      await pause(1.5 * ttlMs);
      return (await lab.settle(20_000)).twice;
    },
  },
  lookUp: {
    what: 'a worker is killed after it has answered, before it could keep its positions: answered twice',
    most: () => 0,
    async run(lab, start, { logins, ttlMs }) {
      const victim = await start();
      await lab.allServed();
      // Until each conversation has read where it stands.
      await pause(ttlMs / 2);
      victim.database.stall();
      for (const id of lab.said.keys()) lab.say(id);
      await lab.settle();
      await lab.kill(victim);
      const heir = await start();
      await until(() => heir.serving.size === logins);
      await pause(1_000);
      return (await lab.settle(20_000)).twice;
    },
  },
  fence: {
    what: 'positions that a worker has sent arrive when its logins are already held by another: overwritten by it',
    most: () => 0,
    async run(lab, start, { logins, ttlMs }) {
      const victim = await start();
      await lab.allServed();
      const heir = await start();
      for (const id of lab.said.keys()) lab.say(id);
      await lab.settle();
      await pause(ttlMs / 2);
      victim.database.delay(3 * ttlMs);
      for (const id of lab.said.keys()) lab.say(id);
      await lab.settle();
      victim.child.kill('SIGSTOP');
      await until(() => heir.serving.size === logins);
      for (const id of lab.said.keys()) lab.say(id);
      await lab.settle();
      await pause(2.5 * ttlMs);
      const client = new pg.Client(lab.database.url);
      await client.connect();
      const { rows } = await client.query<{ n: number }>(
        'select count(*)::int as n from lp_fleet.cursors c join lp_fleet.logins l using (login) where c.epoch < l.epoch and c.at > l.since',
      );
      await client.end();
      return rows[0]?.n ?? 0;
    },
  },
  burial: {
    what: 'a worker is killed, and another waits for six TTLs: logins that nobody serves',
    most: () => 0,
    async run(lab, start, { logins, ttlMs }, isBroken) {
      const victim = await start();
      await lab.allServed();
      await start();
      await pause(ttlMs / 2);
      await lab.kill(victim);
      // A machine that is busy with other things may begin to count anew several times.
      const longestMs = (isBroken ? 6 : 40) * ttlMs;
      for (const end = Date.now() + longestMs; lab.served().size < logins && Date.now() < end; ) await pause(50);
      return logins - lab.served().size;
    },
  },
  limiter: {
    what: `12 logins start at once, ${LOGINS_PER_SECOND} is allowed in a second: logins in a second, on the whole`,
    // The first may be late and the last not.
    most: () => LOGINS_PER_SECOND + 1,
    options: { logins: 12, loginsPerSecond: LOGINS_PER_SECOND },
    async run(lab, start) {
      await Promise.all([start(), start()]);
      await lab.allServed();
      const at = lab.told.filter(({ state }) => state === 'serving').map((event) => event.at);
      return Math.round(((at.length - 1) * 1_000) / (Math.max(...at) - Math.min(...at)));
    },
  },
};

/** Does to a fleet what each defence is against, with it and without. */
export async function runDefences(
  options: LabOptions,
  { only, onFailure }: { only?: readonly Defence[] | undefined; onFailure: (text: string) => void },
): Promise<DefenceResult[]> {
  const results: DefenceResult[] = [];
  for (const [name, trial] of Object.entries(TRIALS) as [Defence, Trial][]) {
    if (only && !only.includes(name)) continue;
    try {
      const [withIt, without] = [await tryOut(trial, options), await tryOut(trial, options, name)];
      results.push({ defence: name, what: trial.what, most: trial.most(options), with: withIt, without });
    } catch (error) {
      // One that a busy machine does not get through must not take the others with it.
      onFailure(`${name} could not be tried out: ${(error as Error).message}`);
    }
  }
  return results;
}

async function tryOut({ options: own, run }: Trial, options: LabOptions, broken?: Defence): Promise<number> {
  const all = { ...options, ...own };
  const lab = await Lab.start(all);
  try {
    // A message that was marked as read is not answered again, looked up or not.
    const start = () => lab.startWorker({ marks: false, ...(broken && { broken }) });
    return await run(lab, start, all, broken !== undefined);
  } finally {
    await lab.close();
  }
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 180_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('it takes too long');
    await pause(20);
  }
}
