import { describe, expect, it } from '@jest/globals';
import { createSharedMemory, type FleetEngine, memoryEngine, type SharedMemory } from '@lp/fleet';
import { engineContract } from '@lp/fleet/testing';

type Fault = (engine: FleetEngine, shared: SharedMemory) => Partial<FleetEngine>;

/** The demands that an engine with a defence taken out does not meet. */
async function unmet(takeOut: Fault): Promise<string[]> {
  const shared = createSharedMemory();
  const createEngine = () => {
    const engine = memoryEngine(shared);
    return Object.assign(engine, takeOut(memoryEngine(shared), shared));
  };
  const failed: string[] = [];
  for (const { name, run } of engineContract({ createEngine })) await run().catch(() => failed.push(name));
  return failed;
}

describe("the engine's contract finds an engine without", () => {
  it('the check of the epoch in commits', async () => {
    const failed = await unmet((engine) => ({
      commit: async (_incarnation, changes) => {
        const { logins } = await engine.read();
        const rows = new Map(logins.map((row) => [row.login, row]));
        for (const change of changes) {
          const { owner = '', epoch = 0 } = rows.get(change.login) ?? {};
          await engine.commit(owner, [{ ...change, epoch }]);
        }
        return changes.map(() => 'kept' as const);
      },
    }));
    expect(failed).toContain('never takes a commit under a stale epoch, and takes the others of the same call');
  });

  it('the check of the beat in burials', async () => {
    const failed = await unmet((engine) => ({ remove: (incarnation) => engine.remove(incarnation) }));
    expect(failed).toEqual(['buries a worker only while its beat is the one that was seen']);
  });

  it('beats that know of burials', async () => {
    const failed = await unmet((engine) => ({
      beat: async (incarnation, loads) => {
        await engine.beat(incarnation, loads);
        return true;
      },
    }));
    expect(failed).toContain('tells a worker that was removed, at its next beat, and never enters it again');
  });

  it('the lock in claims', async () => {
    const failed = await unmet((engine) => ({
      claim: async (incarnation, logins) => {
        const claims = await engine.claim(incarnation, logins);
        return logins.map((login) => claims.find((claim) => claim.login === login) ?? { login, epoch: 1, clean: true });
      },
    }));
    expect(failed).toContain('gives a login to one of many who claim it at once');
  });

  it('a bound on what the platform may ask to wait', async () => {
    const failed = await unmet((engine) => ({
      limit: async (key, request) => ('holdMs' in request ? request.holdMs : await engine.limit(key, request)),
    }));
    expect(failed).toContain('holds everybody back when one is told to wait, for a minute at most');
  });

  it.each<[string, Fault]>([
    [
      'an end of the request to move, once a login was released',
      (engine, { logins }) => ({
        release: async (incarnation, release) => {
          const { move = false } = logins.get(release.login) ?? {};
          const released = await engine.release(incarnation, release);
          return Object.assign(logins.get(release.login) ?? {}, { move }) && released;
        },
      }),
    ],
    [
      'an end of setting aside, when a person asks to move',
      (engine, { logins }) => ({
        order: async (order) => {
          const row = 'move' in order ? logins.get(order.move) : undefined;
          const aside = row?.aside;
          const done = await engine.order(order);
          return Object.assign(row ?? {}, { aside }) && done;
        },
      }),
    ],
    [
      'patience with a login that it has never heard of',
      (engine, { logins }) => ({
        readmit: async (login) => {
          if (!logins.has(login)) throw new Error('there is none');
          await engine.readmit(login);
        },
      }),
    ],
    [
      'the times since when logins are held',
      (engine) => ({
        read: async () => {
          const { logins, workers } = await engine.read();
          return { workers, logins: logins.map((row) => ({ ...row, since: Number.NaN })) };
        },
      }),
    ],
    [
      'a look at the epoch of a revision that is kept already',
      (engine, { dialogs }) => ({
        commit: async (incarnation, changes) => {
          for (const { dialogId, epoch, login } of changes) {
            const kept = dialogs.get(login)?.get(dialogId);
            if (kept) dialogs.get(login)?.set(dialogId, { ...kept, epoch });
          }
          return await engine.commit(incarnation, changes);
        },
      }),
    ],
    [
      'a look at the epoch of a commit whose owner is right',
      (engine, { logins }) => ({
        commit: (incarnation, changes) =>
          engine.commit(
            incarnation,
            changes.map((change) => ({ ...change, epoch: logins.get(change.login)?.epoch ?? 0 })),
          ),
      }),
    ],
    ['limits of their own for each key', (engine) => ({ limit: (_key, request) => engine.limit('all', request) })],
    [
      'questions that take no turn',
      (engine) => ({
        limit: (key, request) => engine.limit(key, 'ask' in request ? { turnEveryMs: 10_000 } : request),
      }),
    ],
    [
      'an ear for incarnations',
      (engine, { workers }) => ({
        order: async (order) => !('drain' in order && workers.has(order.drain)) && (await engine.order(order)),
      }),
    ],
    ['a way to stop listening', () => ({ onWake: () => undefined as never })],
    ['a life beyond that of the first one closed', (_engine, { workers }) => ({ close: async () => workers.clear() })],
    [
      'room for the list that a worker has',
      (engine) => ({ beat: (incarnation, loads) => engine.beat(incarnation, loads) }),
    ],
  ])('%s', async (_what, fault) => {
    expect(await unmet(fault)).not.toEqual([]);
  });

  it('nothing: the engine itself meets every demand', async () => {
    expect(await unmet(() => ({}))).toEqual([]);
  });
});
