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
});
