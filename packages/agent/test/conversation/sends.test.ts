import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { OwnWords } from '../../src/conversation/own-words.ts';
import { PendingSends } from '../../src/conversation/pending-sends.ts';
import { partId, replyId } from '../../src/conversation/send-ids.ts';
import { SendLanes } from '../../src/conversation/send-lanes.ts';
import type { MessagingEvent } from '../../src/inbound/mapping/index.ts';

describe('the lane of a dialog', () => {
  it('lets a send wait for the confirmed ones before it, whatever became of them, and for no other dialog', async () => {
    const lanes = new SendLanes();
    const done: string[] = [];
    const first = createDeferred<void>();
    const send = (name: string) => async () => void done.push(name);
    const failed = lanes.confirmed('d', () => first.promise);
    const all = [
      lanes.plain('d', send('plain')),
      lanes.confirmed('d', send('confirmed')),
      lanes.plain('e', send('other')),
    ];
    await all[2];
    expect(done).toEqual(['other']);
    first.reject(new Error('refused'));
    await expect(failed).rejects.toThrow('refused');
    await Promise.all(all);
    expect(done).toEqual(['other', 'plain', 'confirmed']);
    await lanes.plain('d', send('at once'));
    expect(done.at(-1)).toBe('at once');
  });

  it('lets what concerns several dialogs wait for the confirmed sends in all of them, ten seconds at most', async () => {
    const lanes = new SendLanes();
    const clock = createManualClock();
    const done: string[] = [];
    const note = (name: string) => async () => void done.push(name);
    const [first, second] = [createDeferred<void>(), createDeferred<void>()];
    void lanes.confirmed('d', () => first.promise);
    void lanes.confirmed('e', () => second.promise);
    const close = lanes.across(['d', 'e', 'f'], note('close'), { clock });
    const later = lanes.plain('d', note('later'));
    first.resolve();
    await clock.advance(9_999);
    expect(done).toEqual([]);
    second.resolve();
    await Promise.all([close, later]);
    expect(done).toEqual(['close', 'later']);
    expect(clock.pendingTimers).toBe(0);
    void lanes.confirmed('d', () => new Promise<void>(() => undefined));
    void lanes.across(['d'], note('leave'), { clock, timeoutMs: Number.POSITIVE_INFINITY });
    await clock.advance(9_999);
    expect(done).toEqual(['close', 'later']);
    await clock.advance(1);
    expect(done.at(-1)).toBe('leave');
    await lanes.across(['f'], note('at once'), { clock });
    expect(done.at(-1)).toBe('at once');
  });
});

describe('the sends of a body', () => {
  it('are waited for, and the failure of one that nobody awaited is the body’s', async () => {
    const pending = new PendingSends();
    expect(pending.settle()).toBeUndefined();
    const late = createDeferred<number>();
    void pending.add(() => late.promise);
    const settled = pending.settle();
    late.reject(new Error('lost'));
    await expect(settled).rejects.toThrow('lost');
    expect(pending.settle()).toBeUndefined();
  });

  it('whose failure somebody awaited leave the body alone', async () => {
    const pending = new PendingSends();
    await pending.add(() => Promise.reject(new Error('seen'))).catch(() => undefined);
    expect(await pending.add(async () => 7)).toBe(7);
    await pending.settle();
  });
});

describe('what this agent had said', () => {
  const said = (sequence: number, id?: string): MessagingEvent =>
    ({
      sequence,
      event: { type: 'ContentEvent', message: 'hi' },
      ...(id && { metadata: [{ type: 'ExternalId', id }] }),
    }) as never;

  it('is found by its id, or once by its words where it has none, until the reader has passed it', () => {
    const words = new OwnWords([said(1, 're-0-r0'), said(2), said(5)]);
    expect(words.find('re-0-r0')?.sequence).toBe(1);
    expect(words.find('re-0-r1')).toBeUndefined();
    expect(words.takeNameless(2, () => true)?.sequence).toBe(5);
    expect(words.takeNameless(2, () => true)).toBeUndefined();
    expect(words.takeNameless(0, () => false)).toBeUndefined();
    words.dropThrough(2);
    expect([words.find('re-0-r0'), words.takeNameless(0, () => true)]).toEqual([undefined, undefined]);
  });
});

describe('the id of a reply', () => {
  it('holds the message’s number and the key, hashed when that is long or would be taken for a part', () => {
    expect(replyId(7, 'r0')).toBe('re-7-r0');
    expect(replyId(7, 'a.0')).toMatch(/^re-7-[0-9a-f]{24}$/);
    expect(replyId(7, 'x'.repeat(25))).toMatch(/^re-7-[0-9a-f]{24}$/);
    expect(partId(replyId(Number.MAX_SAFE_INTEGER, 'x'.repeat(99)), 9_999, true).length).toBeLessThanOrEqual(64);
    expect([partId('re-7-r0', 0, false), partId('re-7-r0', 1, true)]).toEqual(['re-7-r0.0', 're-7-r0.1.']);
  });
});
