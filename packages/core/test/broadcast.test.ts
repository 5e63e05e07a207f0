import { describe, expect, it } from '@jest/globals';
import { Broadcast } from '@lp/core/internal';

const readAll = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
};

describe('Broadcast', () => {
  it('gives each stream the items published after it was made, whether it is read yet or not', async () => {
    const broadcast = new Broadcast<number>();
    const first = broadcast.subscribe();
    broadcast.publish(1);
    const second = broadcast.subscribe();
    broadcast.publish(2);
    broadcast.end();
    expect(await readAll(first)).toEqual([1, 2]);
    expect(await readAll(second)).toEqual([2]);
  });

  it('delivers only what is selected', async () => {
    const broadcast = new Broadcast<number>();
    const even = broadcast.subscribe({ select: (item) => (item % 2 === 0 ? item : undefined) });
    for (const item of [1, 2, 3, 4]) broadcast.publish(item);
    broadcast.end();
    expect(await readAll(even)).toEqual([2, 4]);
  });

  it('is drained when the last reader has seen the end', async () => {
    const broadcast = new Broadcast<number>();
    const streams = [broadcast.subscribe(), broadcast.subscribe()];
    broadcast.publish(1);
    const drained = broadcast.drained();
    const reading = Promise.all(streams.map(readAll));
    broadcast.end();
    await drained;
    expect(await reading).toEqual([[1], [1]]);
  });

  it('forgets a stream however it ends', async () => {
    const broadcast = new Broadcast<number>();
    const controller = new AbortController();
    let cleanups = 0;
    const streams = [
      broadcast.subscribe({ onClose: () => void cleanups++ }),
      broadcast.subscribe({ signal: controller.signal }),
      broadcast.subscribe(),
    ];
    expect(broadcast.size).toBe(3);
    streams[0]?.close();
    controller.abort();
    await streams[2]?.[Symbol.asyncDispose]();
    expect(broadcast.size).toBe(0);
    expect(cleanups).toBe(1);
    broadcast.publish(1);
  });

  it('never registers a stream whose signal has aborted already', () => {
    const broadcast = new Broadcast<number>();
    broadcast.subscribe({ signal: AbortSignal.abort() });
    expect(broadcast.size).toBe(0);
  });

  it('ends later streams at once, with the error it ended with', async () => {
    const broadcast = new Broadcast<number>();
    const failure = new Error('gone');
    broadcast.end(failure);
    broadcast.end();
    await expect(readAll(broadcast.subscribe())).rejects.toBe(failure);
  });
});
