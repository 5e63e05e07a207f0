import { describe, expect, it } from '@jest/globals';
import { ConfigError, createManualClock, NotConnectedError } from '@lp/core';
import type { Change, ChangeOutcome } from '../../src/index.ts';
import { memoryEngine } from '../../src/index.ts';
import { Committer } from '../../src/worker/committer.ts';
import { createElapsed } from '../../src/worker/elapsed.ts';

const change = (dialogId: string, revision = 1, login = 'bot'): Change => ({
  login,
  epoch: 1,
  dialogId,
  record: { revision, sequence: revision, ahead: [], said: -1, attempts: 0, data: {} },
});

/** A committer on an engine whose commits a test answers. */
function createCommitter(answer: (changes: readonly Change[]) => Promise<readonly ChangeOutcome[]>) {
  const calls: (readonly Change[])[] = [];
  const stale: string[] = [];
  const pauses: number[] = [];
  const clock = createManualClock();
  const engine = memoryEngine();
  engine.commit = async (_incarnation, changes) => {
    calls.push(changes);
    return await answer(changes);
  };
  const committer = new Committer({
    engine,
    elapsed: createElapsed({ monotonic: () => clock.now(), wall: () => clock.now(), uptime: () => clock.now() }),
    incarnation: () => 'me',
    pause: async () => {
      pauses.push(clock.now());
      await new Promise((resolve) => setImmediate(resolve));
    },
    onStale: (login) => stale.push(login),
  });
  return { calls, clock, committer, pauses, stale };
}

const allKept = async (changes: readonly Change[]) => changes.map(() => 'kept' as const);

describe('the committer', () => {
  it('sends changes of one turn together, and those of the next while it waits in one more', async () => {
    const { calls, committer } = createCommitter(allKept);
    const first = ['a', 'b', 'c'].map((id) => committer.commit(change(id)));
    await Promise.all(first);
    await committer.commit(change('d'));
    expect(calls.map((changes) => changes.length)).toEqual([3, 1]);
  });

  it('never has a dialog twice in one call, and keeps the order of its changes', async () => {
    const { calls, committer } = createCommitter(allKept);
    await Promise.all([
      committer.commit(change('a', 1)),
      committer.commit(change('a', 2)),
      committer.commit(change('b')),
    ]);
    expect(calls.map((changes) => changes.map(({ dialogId, record }) => `${dialogId}${record?.revision}`))).toEqual([
      ['a1', 'b1'],
      ['a2'],
    ]);
  });

  it('tries again until the engine is back', async () => {
    let failures = 3;
    const { committer, pauses } = createCommitter(async (changes) => {
      if (failures-- > 0) throw new NotConnectedError('away');
      return await allKept(changes);
    });
    await committer.commit(change('a'));
    expect(pauses).toHaveLength(3);
  });

  it('rejects what is stale with FENCED, says so, and keeps the rest', async () => {
    const { committer, stale } = createCommitter(async (changes) =>
      changes.map(({ login }) => (login === 'lost' ? 'stale' : 'kept')),
    );
    const lost = committer.commit(change('a', 1, 'lost'));
    const kept = committer.commit(change('a', 1, 'bot'));
    await expect(lost).rejects.toMatchObject({ code: 'FENCED', retryable: false });
    await expect(kept).resolves.toBeUndefined();
    expect(stale).toEqual(['lost']);
  });

  it('rejects a record that the engine cannot take, and no other', async () => {
    const { committer } = createCommitter(async (changes) => {
      if (changes.some(({ dialogId }) => dialogId === 'poison')) throw new ConfigError('refused');
      return await allKept(changes);
    });
    const [before, poison, after] = ['a', 'poison', 'b'].map((id) => committer.commit(change(id)));
    await expect(poison).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(Promise.all([before, after])).resolves.toHaveLength(2);
  });

  it('says how long the oldest change waits, and gives up those of a login that was lost', async () => {
    const { clock, committer } = createCommitter(async () => {
      throw new NotConnectedError('away');
    });
    expect(committer.oldestMs).toBe(0);
    const waiting = committer.commit(change('a'));
    waiting.catch(() => undefined);
    clock.jump(700);
    expect(committer.oldestMs).toBe(700);
    committer.abandon('bot', 1);
    await expect(waiting).rejects.toMatchObject({ code: 'FENCED' });
    expect(committer.oldestMs).toBe(0);
  });

  it('keeps five thousand changes at once in few calls', async () => {
    const { calls, committer } = createCommitter(allKept);
    await Promise.all(Array.from({ length: 5_000 }, (_, i) => committer.commit(change(`d${i}`))));
    expect(calls).toHaveLength(10);
  });
});
