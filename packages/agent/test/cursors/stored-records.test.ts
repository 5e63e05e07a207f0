import { describe, expect, it } from '@jest/globals';
import type { CursorStore, DialogRecord, DialogStore } from '@lp/agent';
import { ConfigError, createManualClock } from '@lp/core';
import { createPositions, type PositionOptions } from '../../src/cursors/positions.ts';

const record: DialogRecord = {
  ...{ revision: 3, sequence: 7, ahead: [9], said: 6, attempts: 1 },
  data: { cart: { version: 2, value: { items: ['x'] } } },
};

const positionsOf = (stores: Pick<PositionOptions, 'store' | 'cursors'>) =>
  createPositions({ ...stores, clock: createManualClock(), agentId: () => 'a' });

/** What is made of what a store of records gives. */
function loaded(given: unknown): Promise<DialogRecord | undefined> {
  const store: DialogStore = {
    load: () => given as Promise<DialogRecord>,
    save: async () => undefined,
    delete: async () => undefined,
  };
  return positionsOf({ store }).load('d');
}

/** What is made of what a store of positions gives. */
function place(given: unknown): Promise<DialogRecord | undefined> {
  const cursors: CursorStore = { get: () => given as number, set: () => undefined };
  return positionsOf({ cursors }).load('d');
}

const texts = (one: DialogRecord) => ({
  ...{ revision: `${one.revision}`, sequence: `${one.sequence}`, said: `${one.said}`, attempts: `${one.attempts}` },
  ahead: one.ahead.map(String),
  data: { cart: { version: '2', value: { items: ['x'] } } },
});

describe('a record that a store gives', () => {
  // verifies: store:no-record
  it('is taken with its numbers as text or as bigint, as drivers of databases give them', async () => {
    expect(await loaded(Promise.resolve(texts(record)))).toEqual(record);
    const begun = { ...record, sequence: -1, said: -1 };
    expect(await loaded(texts(begun))).toEqual(begun);
    const bigints = { revision: 3n, sequence: 7n, ahead: [9n], said: 6n, attempts: 1n };
    expect(await loaded({ ...record, ...bigints })).toEqual(record);
    expect([await place('7'), await place(7n), await place(7)]).toEqual(
      [7, 7, 7].map((sequence) => expect.objectContaining({ sequence })),
    );
  });

  it('is none where nothing is kept', async () => {
    expect([await loaded(undefined), await place(undefined)]).toEqual([undefined, undefined]);
  });

  it.each([
    ...['', ' 7', '7.0', '1e3', '0x7', 'x', '9007199254740992', 2n ** 53n, 1.5, 1e300, Number.NaN],
    ...[Number.POSITIVE_INFINITY, null, true, {}, [7], new Date(0)],
  ])('with %p for a number is refused, by the name of the field', async (wrong) => {
    for (const field of ['revision', 'sequence', 'said', 'attempts']) {
      await expect(loaded({ ...record, [field]: wrong })).rejects.toThrow(field);
    }
    await expect(loaded({ ...record, ahead: [wrong] })).rejects.toThrow('ahead');
    await expect(loaded({ ...record, data: { cart: { version: wrong, value: 1 } } })).rejects.toThrow('version');
    await expect(place(wrong)).rejects.toThrow('sequence');
  });

  // verifies: store:no-record
  it.each([
    ...[null, 'text', 5, [], {}, { ...record, revision: 0 }, { ...record, sequence: -2 }, { ...record, attempts: -1 }],
    ...[
      { ...record, ahead: null },
      { ...record, ahead: '9' },
      { ...record, ahead: undefined },
    ],
    ...[
      { ...record, data: null },
      { ...record, data: undefined },
      { ...record, data: { cart: 1 } },
    ],
  ])('as %j is refused', async (given) => {
    await expect(loaded(given)).rejects.toThrow(ConfigError);
  });

  it.each([null, -1, '-1', -1n])('that is the position %p is refused', async (given) => {
    await expect(place(given)).rejects.toThrow(ConfigError);
  });

  it('keeps what the bot remembers under any name', async () => {
    const { data } = record;
    const odd = JSON.parse('{"__proto__":{"version":1,"value":2}}') as DialogRecord['data'];
    const given = await loaded({ ...record, data: { ...data, ...odd, ['__proto__']: odd['__proto__'] } });
    expect(Object.keys(given?.data ?? {})).toEqual(['cart', '__proto__']);
  });
});
