import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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
});
