import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { type Logger, Secret, withLogLevel } from '@lp/core';
import { createDeferred, createLimiter, diagnosticsChannel, guardLogger, joinBytes } from '@lp/core/internal';

describe('Secret', () => {
  const secret = new Secret('hunter2');

  it('gives its value only when asked', () => {
    expect(secret.reveal()).toBe('hunter2');
  });

  // verifies: kept:tokens
  it('prints as redacted everywhere', () => {
    const error = new Error('with a cause', { cause: { secret } });
    const printed = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
      inspect(error, { depth: 9 }),
    ];
    expect(printed.join('\n')).not.toContain('hunter2');
    expect(printed[0]).toBe('[redacted]');
  });
});

describe('createLimiter', () => {
  it('runs no more tasks at once than allowed, in order, and all of them', async () => {
    const limiter = createLimiter(3);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const task = (n: number) => async () => {
      order.push(n);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return n;
    };
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => limiter.run(task(n))));
    expect(results).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(order).toEqual(results);
    expect(most).toBe(3);
    expect([limiter.active, limiter.waiting]).toEqual([0, 0]);
  });

  it('frees the place of a task that fails', async () => {
    const limiter = createLimiter(1);
    await expect(limiter.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await limiter.run(async () => 'next')).toBe('next');
  });

  it('lets a waiting task be aborted without taking a place', async () => {
    const limiter = createLimiter(1);
    const first = createDeferred<void>();
    const running = limiter.run(() => first.promise);
    const controller = new AbortController();
    const waiting = limiter.run(async () => 'never', controller.signal);
    expect(limiter.waiting).toBe(1);
    controller.abort('left');
    await expect(waiting).rejects.toBe('left');
    await expect(limiter.run(async () => 'never', controller.signal)).rejects.toBe('left');
    first.resolve();
    await running;
    expect([limiter.active, limiter.waiting]).toEqual([0, 0]);
  });
});

describe('loggers', () => {
  const recorder = () => {
    const lines: string[] = [];
    const method = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
    const logger: Logger = {
      debug: method('debug'),
      info: method('info'),
      warn: method('warn'),
      error: method('error'),
    };
    return { lines, logger };
  };

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['off', 0],
  ] as const)('at level %s pass on %d of the four levels', (level, count) => {
    const { lines, logger } = recorder();
    const limited = withLogLevel(logger, level);
    for (const name of ['debug', 'info', 'warn', 'error'] as const) limited[name]('line');
    expect(lines).toHaveLength(count);
    expect(lines.slice(-1)).toEqual(count === 0 ? [] : ['error line']);
  });

  it('that throw do not reach the caller', () => {
    const broken = () => {
      throw new Error('disk full');
    };
    const guarded = guardLogger({ debug: broken, info: broken, warn: broken, error: broken });
    expect(() => guarded.error('line')).not.toThrow();
  });
});

describe('diagnosticsChannel', () => {
  it("is the process's channel of that name", () => {
    const seen: unknown[] = [];
    const listener = (message: unknown) => void seen.push(message);
    const channel = diagnosticsChannel('lp:test');
    expect(channel.hasSubscribers).toBe(false);
    subscribe('lp:test', listener);
    expect(channel.hasSubscribers).toBe(true);
    channel.publish({ n: 1 });
    unsubscribe('lp:test', listener);
    expect(seen).toEqual([{ n: 1 }]);
  });
});

it('joins chunks of bytes in their order, parts of a larger buffer too', () => {
  const whole = Uint8Array.from([9, 1, 2, 9]);
  expect([...joinBytes([whole.subarray(1, 2), new Uint8Array(0), whole.subarray(2, 3)])]).toEqual([1, 2]);
  expect(joinBytes([])).toHaveLength(0);
});
