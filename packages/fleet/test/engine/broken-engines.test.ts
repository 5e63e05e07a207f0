import { describe, expect, it } from '@jest/globals';
import { createSharedMemory, type FleetEngine, memoryEngine } from '@lp/fleet';
import { engineContract } from '@lp/fleet/testing';

/** The demands that an engine with a defence taken out does not meet. */
async function unmet(takeOut: (engine: FleetEngine) => Partial<FleetEngine>): Promise<string[]> {
  const shared = createSharedMemory();
  const createEngine = () => {
    const engine = memoryEngine(shared);
    return Object.assign(engine, takeOut(memoryEngine(shared)));
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

  it('nothing: the engine itself meets every demand', async () => {
    expect(await unmet(() => ({}))).toEqual([]);
  });
});
