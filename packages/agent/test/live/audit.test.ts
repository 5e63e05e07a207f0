import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Clock, systemClock } from '@lp/core';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let raw: RawPlatform;

beforeEach(async () => {
  raw = await RawPlatform.start();
});

afterEach(async () => {
  await raw[Symbol.asyncDispose]();
});

describe('an audit of the conversations', () => {
  it('that failed is made up for: the next one looks further back, the one after that does not', async () => {
    // By the platform's clock here, which stands still while nothing is said.
    const lookedBackMs: number[] = [];
    let now = 0;
    raw.hooks.set('SubscribeExConversations', ({ body }) => {
      const { minLastUpdatedTime } = body as { minLastUpdatedTime?: number };
      if (minLastUpdatedTime === undefined) return undefined;
      now ||= minLastUpdatedTime;
      const failed = lookedBackMs.push(now - minLastUpdatedTime) <= 2;
      return failed ? { code: 500 } : undefined;
    });
    const agent = await raw.connect();
    void agent.serve(() => Promise.resolve(), { auditIntervalMs: 10 });
    await until(() => lookedBackMs.length > 3);
    const [first, second, third, fourth] = lookedBackMs.map((ms) => Math.round(ms / 60_000));
    expect([first, second, third, fourth]).toEqual([0, 1, 2, 0]);
  });

  it('that fails again and again is warned of; one that failed once is not', async () => {
    let audits = 0;
    raw.hooks.set('GetClock', () => (++audits === 2 || audits > 3 ? { code: 500 } : undefined));
    const warnings: unknown[] = [];
    const nothing = () => undefined;
    const warn = (text: string, facts: unknown) => void warnings.push([text, facts]);
    const agent = await raw.connect({ logger: { debug: nothing, info: nothing, error: nothing, warn } });
    void agent.serve(() => Promise.resolve(), { auditIntervalMs: 10 });
    await until(() => warnings.length > 0);
    expect(audits).toBeGreaterThanOrEqual(5);
    expect(warnings[0]).toEqual([
      'an audit of the conversations failed',
      { failures: 2, error: 'RequestRejectedError' },
    ]);
  });

  it('whose notification is lost keeps the next one waiting for a second, not for ten', async () => {
    let audits = 0;
    raw.hooks.set('SubscribeExConversations', ({ body }) => {
      const isAudit = (body as { minLastUpdatedTime?: number }).minLastUpdatedTime !== undefined;
      // Responded to, and nothing is told.
      return isAudit && ++audits > 0 ? { body: { subscriptionId: `audit-${audits}` } } : undefined;
    });
    const agent = await raw.connect();
    void agent.serve(() => Promise.resolve(), { auditIntervalMs: 10 });
    await until(() => audits > 1);
    expect(audits).toBe(2);
  }, 8_000);

  it('looks back behind what took long before it', async () => {
    let late = 0;
    // What is waited for in vain for ten seconds has taken them, and is not waited for here.
    const clock: Clock = {
      now: () => systemClock.now() + late,
      setTimer(callback, delayMs, options) {
        const isLong = delayMs === 10_000 && isAsked;
        const call = () => {
          if (isLong) late += delayMs;
          callback();
        };
        return systemClock.setTimer(call, isLong ? 20 : delayMs, options);
      },
    };
    let isAsked = false;
    const lookedBackMs: number[] = [];
    let now = 0;
    raw.hooks.set('SubscribeExConversations', ({ body }) => {
      const { conversationId, minLastUpdatedTime } = body as { conversationId?: string; minLastUpdatedTime?: number };
      if (minLastUpdatedTime !== undefined) {
        now ||= minLastUpdatedTime;
        lookedBackMs.push(now - minLastUpdatedTime);
      }
      if (conversationId === undefined) return undefined;
      // Responded to, and nothing is told.
      isAsked = true;
      return { body: { subscriptionId: 'silent' } };
    });
    const quiet = raw.open('quiet');
    const agent = await raw.connect({ clock, requestTimeoutMs: 60_000 });
    let begun = 0;
    void agent.serve(() => Promise.resolve(void begun++), { auditIntervalMs: 10 });
    await until(() => begun === 1);
    quiet.closed = true;
    await until(() => lookedBackMs.some((ms) => ms > 9_000));
    expect(Math.max(...lookedBackMs)).toBeLessThan(40_000);
  });
});
