import { describe, expect, it } from '@jest/globals';
import { ConfigError, SlowConsumerError } from '@lp/core';
import { createChannel, createDeferred } from '@lp/core/internal';
import { watchedSignal } from './support/watched-signal.ts';

const settled = async (promise: PromiseLike<unknown>): Promise<boolean> => {
  const pending = Symbol('pending');
  await new Promise((resolve) => setImmediate(resolve));
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
};

const readAll = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
};

function filled(items: number[], options: Parameters<typeof createChannel<number>>[0] = {}) {
  let cleanups = 0;
  const channel = createChannel<number>({ ...options, onClose: () => void cleanups++ });
  for (const item of items) channel.push(item);
  return { channel, stream: channel.stream, cleanups: () => cleanups };
}

describe('break and return', () => {
  // verifies: stream:left
  it('closes the stream, drops its buffer and cleans up once', async () => {
    const { channel, stream, cleanups } = filled([1, 2, 3]);
    for await (const item of stream) {
      expect(item).toBe(1);
      break;
    }
    expect(await stream.closed).toBeUndefined();
    expect(stream.stats.buffered).toBe(0);
    expect(channel.push(4)).toBe(false);
    stream.close();
    await stream[Symbol.asyncDispose]();
    expect(cleanups()).toBe(1);
  });

  // verifies: stream:left
  it('settles a next() that waits at once', async () => {
    const iterator = filled([]).stream[Symbol.asyncIterator]();
    const waiting = iterator.next();
    expect(await settled(waiting)).toBe(false);
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it('ends the stream when the body of the loop throws, and passes the error on', async () => {
    const { stream, cleanups } = filled([1, 2]);
    const loop = async () => {
      for await (const item of stream) throw new Error(`body failed at ${item}`);
    };
    await expect(loop()).rejects.toThrow('body failed at 1');
    expect(stream.stats.buffered).toBe(0);
    expect(cleanups()).toBe(1);
  });

  it('rejects with the error given to throw() and then has ended', async () => {
    const iterator = filled([1]).stream[Symbol.asyncIterator]();
    await expect(iterator.throw?.(new Error('thrown in'))).rejects.toThrow('thrown in');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});

describe('an aborted signal', () => {
  // verifies: stream:aborted
  it('rejects the waiting next() with its reason and drops the buffer', async () => {
    const controller = new AbortController();
    const { stream, cleanups } = filled([], { signal: controller.signal });
    const iterator = stream[Symbol.asyncIterator]();
    const waiting = iterator.next();
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await stream.closed).toBe(reason);
    expect(cleanups()).toBe(1);
  });

  // verifies: stream:aborted
  it('rejects the following next() when none waits, without delivering what was buffered', async () => {
    const controller = new AbortController();
    const { stream } = filled([1, 2], { signal: controller.signal });
    controller.abort('stop');
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toBe('stop');
    expect(stream.stats.buffered).toBe(0);
  });

  it('ends a stream that is made with it', async () => {
    const { channel, stream } = filled([], { signal: AbortSignal.abort('too late') });
    expect(channel.push(1)).toBe(false);
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toBe('too late');
  });

  it.each(['close', 'return', 'abort'] as const)('holds no listener of the stream after %s', async (how) => {
    const { abort, count, signal } = watchedSignal();
    const { stream } = filled([], { signal });
    expect(count()).toBe(1);
    if (how === 'close') stream.close();
    if (how === 'return') await stream[Symbol.asyncIterator]().return?.();
    if (how === 'abort') abort();
    expect(count()).toBe(0);
  });
});

describe('ends', () => {
  // verifies: stream:closed
  it('delivers what is buffered after close(), then is done', async () => {
    const { stream } = filled([1, 2]);
    stream.close();
    expect(await stream.closed).toBeUndefined();
    expect(await readAll(stream)).toEqual([1, 2]);
  });

  it('settles a next() that waits when the producer ends', async () => {
    const { channel, stream } = filled([]);
    const waiting = stream[Symbol.asyncIterator]().next();
    channel.end();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  // verifies: stream:failed
  it('delivers what is buffered before a fatal error, rejects once, and then is done', async () => {
    const { channel, stream } = filled([1, 2]);
    const failure = new Error('fatal');
    channel.fail(failure);
    channel.fail(new Error('a second failure is ignored'));
    const iterator = stream[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe(1);
    expect((await iterator.next()).value).toBe(2);
    await expect(iterator.next()).rejects.toBe(failure);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await stream.closed).toBe(failure);
  });

  // verifies: stream:closed-promise
  it('never causes an unhandled rejection when nobody reads a failed stream', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    filled([]).channel.fail(new Error('unseen'));
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
  });
});

describe('consumers', () => {
  // verifies: stream:second-consumer
  it('refuses a second consumer when it asks for an iterator', () => {
    const { stream } = filled([]);
    stream[Symbol.asyncIterator]();
    expect(() => stream[Symbol.asyncIterator]()).toThrow(ConfigError);
  });

  it('serves several next() calls in the order they were made', async () => {
    const { channel, stream } = filled([]);
    const iterator = stream[Symbol.asyncIterator]();
    const waiting = [iterator.next(), iterator.next(), iterator.next()];
    channel.push(1);
    channel.push(2);
    channel.end();
    expect(await Promise.all(waiting)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
  });

  it('starts the producer at the first next(), once', async () => {
    let starts = 0;
    const channel = createChannel<number>({ onStart: () => void starts++ });
    const iterator = channel.stream[Symbol.asyncIterator]();
    expect(starts).toBe(0);
    const first = iterator.next();
    void iterator.next();
    channel.push(1);
    channel.push(2);
    await first;
    expect(starts).toBe(1);
    channel.end();
  });
});

describe('being drained', () => {
  it('comes with the end that the consumer is told, not before', async () => {
    const { channel, stream } = filled([1]);
    const iterator = stream[Symbol.asyncIterator]();
    channel.end();
    await iterator.next();
    expect(await settled(channel.drained)).toBe(false);
    await iterator.next();
    await channel.drained;
  });

  it('comes when the consumer leaves, and at once when there is none', async () => {
    const left = filled([1, 2]);
    for await (const _ of left.stream) break;
    await left.channel.drained;
    const unread = filled([1, 2]);
    expect(await settled(unread.channel.drained)).toBe(false);
    unread.channel.end();
    await unread.channel.drained;
  });
});

describe('await using', () => {
  // verifies: stream:disposed
  it('closes the stream and waits for its clean-up, again without effect', async () => {
    let release = () => {};
    const cleanup = new Promise<void>((resolve) => {
      release = resolve;
    });
    const channel = createChannel<number>({ onClose: () => cleanup });
    channel.push(1);
    const disposed = channel.stream[Symbol.asyncDispose]();
    expect(await settled(disposed)).toBe(false);
    release();
    await disposed;
    await channel.stream[Symbol.asyncDispose]();
    expect(await readAll(channel.stream)).toEqual([]);
  });

  // verifies: stream:disposed
  it('never throws, whatever its clean-up does', async () => {
    const channel = createChannel<number>({
      onClose: () => {
        throw new Error('clean-up failed');
      },
    });
    await expect(channel.stream[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});

describe('bounds', () => {
  it.each([0, -1, 1.5, Number.NaN])('refuses a capacity of %p', (capacity) => {
    expect(() => createChannel({ capacity })).toThrow(ConfigError);
  });

  it('gives items back to the producer when full and tells once of high-water and once of low-water', async () => {
    const seen: string[] = [];
    const { channel, stream } = filled([1, 2, 3, 4], {
      capacity: 4,
      lowWater: 1,
      onHighWater: () => void seen.push('high-water'),
      onLowWater: () => void seen.push('low-water'),
    });
    expect(channel.push(5)).toBe(false);
    expect(channel.push(6)).toBe(false);
    expect(seen).toEqual(['high-water']);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    expect(seen).toEqual(['high-water']);
    await iterator.next();
    expect(seen).toEqual(['high-water', 'low-water']);
    expect(channel.push(7)).toBe(true);
    expect(stream.stats).toEqual({ buffered: 2, delivered: 3, resyncs: 0, dropped: 0 });
  });

  it('drops the oldest or the newest and counts it', async () => {
    const oldest = filled([1, 2, 3], { capacity: 2, overflow: 'drop-oldest' });
    const newest = filled([1, 2, 3], { capacity: 2, overflow: 'drop-newest' });
    oldest.stream.close();
    newest.stream.close();
    expect(await readAll(oldest.stream)).toEqual([2, 3]);
    expect(await readAll(newest.stream)).toEqual([1, 2]);
    expect([oldest.stream.stats.dropped, newest.stream.stats.dropped]).toEqual([1, 1]);
  });

  // verifies: error:slow-consumer
  it('ends with a SlowConsumerError after what is buffered when told to fail', async () => {
    const { stream } = filled([1, 2, 3], { capacity: 2, overflow: 'fail' });
    const iterator = stream[Symbol.asyncIterator]();
    expect([(await iterator.next()).value, (await iterator.next()).value]).toEqual([1, 2]);
    await expect(iterator.next()).rejects.toThrow(SlowConsumerError);
  });

  // verifies: slow:latest
  it('keeps every item of a key until it is full, then the newest of each', async () => {
    const channel = createChannel<string>({ capacity: 3, lowWater: 0, overflow: { latest: (item) => item[0] } });
    for (const item of ['a1', 'a2', 'b1']) channel.push(item);
    for (const item of ['a3', 'c1', 'c2', 'b2']) expect(channel.push(item)).toBe(true);
    expect(channel.stream.stats.dropped).toBe(3);
    const iterator = channel.stream[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe('a1');
    expect((await iterator.next()).value).toBe('a3');
    channel.push('a4');
    channel.end();
    expect(await readAll({ [Symbol.asyncIterator]: () => iterator })).toEqual(['b2', 'c2', 'a4']);
  });

  it('does not replace an item that was already read', async () => {
    const channel = createChannel<string>({ capacity: 2, lowWater: 0, overflow: { latest: (item) => item[0] } });
    for (const item of ['a1', 'b1', 'a2']) channel.push(item);
    const iterator = channel.stream[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe('a2');
    channel.push('c1');
    channel.push('a3');
    channel.end();
    expect(await readAll({ [Symbol.asyncIterator]: () => iterator })).toEqual(['b1', 'c1', 'a3']);
  });

  it('keeps order over many fillings and drainings', async () => {
    const channel = createChannel<number>({ capacity: 100 });
    const iterator = channel.stream[Symbol.asyncIterator]();
    let pushed = 0;
    let expected = 0;
    for (const burst of [1, 15, 16, 17, 64, 100, 3, 100]) {
      for (let i = 0; i < burst; i++) expect(channel.push(pushed++)).toBe(true);
      for (let i = 0; i < burst; i++) expect((await iterator.next()).value).toBe(expected++);
    }
  });

  it('frees an item once it has been read', async () => {
    const channel = createChannel<object>();
    const iterator = channel.stream[Symbol.asyncIterator]();
    channel.push({ big: 'payload' });
    const read = new WeakRef((await iterator.next()).value ?? {});
    await new Promise((resolve) => setTimeout(resolve, 0));
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    gc();
    expect(read.deref()).toBeUndefined();
  });
});

describe('a hook before the next item', () => {
  it('is asked each time, and the item waits for its promise', async () => {
    const gate = createDeferred<void>();
    const gates = [undefined, gate.promise];
    const { channel, stream } = filled([1, 2], { beforeNext: () => gates.shift() });
    const iterator = stream[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe(1);
    const second = iterator.next();
    const third = iterator.next();
    channel.push(3);
    expect(await settled(second)).toBe(false);
    gate.resolve();
    expect([(await second).value, (await third).value]).toEqual([2, 3]);
  });

  it('that rejects ends the stream with its error; what is buffered is dropped', async () => {
    const fenced = new Error('fenced');
    const gates = [undefined, Promise.reject(fenced)];
    const { stream, cleanups } = filled([1, 2], { beforeNext: () => gates.shift() });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    await expect(iterator.next()).rejects.toBe(fenced);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect([await stream.closed, stream.stats.buffered, cleanups()]).toEqual([fenced, 0, 1]);
  });

  it('that rejects after the end was told is told all the same', async () => {
    const gate = createDeferred<void>();
    const { channel, stream } = filled([], { beforeNext: () => gate.promise });
    const waiting = stream[Symbol.asyncIterator]().next();
    channel.end();
    gate.reject(new Error('fenced'));
    await expect(waiting).rejects.toThrow('fenced');
  });

  it.each(['return', 'dispose', 'abort'] as const)('does not hold up a reader who leaves by %s', async (how) => {
    const controller = new AbortController();
    const hangs = () => new Promise<void>(() => undefined);
    const { stream } = filled([1], { beforeNext: hangs, signal: controller.signal });
    const iterator = stream[Symbol.asyncIterator]();
    const waiting = iterator.next().catch((error: unknown) => error);
    if (how === 'return') await iterator.return?.();
    else if (how === 'dispose') await stream[Symbol.asyncDispose]();
    else controller.abort(new Error('enough'));
    expect(await waiting).toEqual(how === 'abort' ? new Error('enough') : { done: true, value: undefined });
  });
});
