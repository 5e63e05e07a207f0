import { describe, expect, it } from '@jest/globals';
import { FencedError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import type { Change, DialogRecord } from '../../src/index.ts';
import { DialogRecords } from '../../src/worker/dialog-records.ts';

const record = (revision: number): DialogRecord => ({
  revision,
  sequence: revision * 10,
  ahead: [],
  said: -1,
  attempts: 0,
  data: {},
});

function createRecords(
  kept: Record<string, DialogRecord> = {},
  commit: (change: Change) => Promise<void> = async () => undefined,
) {
  const changes: Change[] = [];
  const handled: [string, number][] = [];
  const records = new DialogRecords({
    login: 'bot',
    epoch: 7,
    records: new Map(Object.entries(kept)),
    commits: {
      commit: async (change) => {
        changes.push(change);
        await commit(change);
      },
    },
    onHandled: (dialogId, sequence) => handled.push([dialogId, sequence]),
  });
  return { changes, handled, records };
}

describe('the records of a login’s dialogs', () => {
  it('are what the owner before has left', () => {
    const { records } = createRecords({ a: record(3) });
    expect([records.get('a'), records.get('b')]).toEqual([record(3), undefined]);
  });

  it('are kept under the login and epoch, and count as handled once they are', async () => {
    const kept = createDeferred<void>();
    const { changes, handled, records } = createRecords({}, () => kept.promise);
    const saved = records.save('a', record(1));
    expect([records.get('a'), handled]).toEqual([record(1), []]);
    kept.resolve();
    await saved;
    expect(changes).toEqual([{ login: 'bot', epoch: 7, dialogId: 'a', record: record(1) }]);
    expect(handled).toEqual([['a', 10]]);
  });

  it.each([1, 3, 5])('refuse revision %i after revision 3', async (revision) => {
    const { changes, records } = createRecords({ a: record(3) });
    await expect(records.save('a', record(revision))).rejects.toMatchObject({ code: 'FENCED' });
    expect([changes, records.get('a')]).toEqual([[], record(3)]);
  });

  it('are what they were when a commit is refused, so that it can be tried again from there', async () => {
    let refuses = true;
    const { records } = createRecords({ a: record(3) }, async () => {
      if (refuses) throw new FencedError('refused');
    });
    await expect(records.save('a', record(4))).rejects.toMatchObject({ code: 'FENCED' });
    await expect(records.save('b', record(1))).rejects.toMatchObject({ code: 'FENCED' });
    expect([records.get('a'), records.get('b')]).toEqual([record(3), undefined]);
    refuses = false;
    await expect(records.save('a', record(4))).resolves.toBeUndefined();
  });

  it('are forgotten at the engine too, once', async () => {
    const { changes, records } = createRecords({ a: record(3) });
    await records.delete('a');
    await records.delete('a');
    expect(changes).toEqual([{ login: 'bot', epoch: 7, dialogId: 'a', record: undefined }]);
    expect(records.get('a')).toBeUndefined();
  });
});
