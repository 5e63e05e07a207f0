import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, StatusEvent } from '@lp/agent';
import {
  ConnectionLostError,
  createManualClock,
  type ManualClock,
  NotConnectedError,
  OutcomeUnknownError,
} from '@lp/core';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: RawPlatform;
let clock: ManualClock;
let agent: Agent;
let events: StatusEvent[];

beforeEach(async () => {
  platform = await RawPlatform.start();
  clock = createManualClock();
  agent = await platform.connect({ clock });
  events = [];
  void (async () => {
    for await (const event of agent.status()) events.push(event);
  })();
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const of = (type: StatusEvent['type']) => events.filter((event) => event.type === type);

/** Lets time pass in steps, after each of which what is due has been responded to. */
async function pass(ms: number, stepMs = 1_000, done: () => boolean = () => false) {
  for (let passed = 0; passed < ms && !done(); passed += stepMs) {
    await clock.advance(stepMs);
    await agent.getClock();
  }
}

/** Refuses what is published; gives when it was asked for, and how to end that. */
function refuse(code: number) {
  const at: number[] = [];
  platform.hooks.set('PublishEvent', ({ body }) => {
    if (body.event.type !== 'ContentEvent') return undefined;
    at.push(clock.now());
    return { code, body: 'not now' };
  });
  return { at, end: () => platform.hooks.delete('PublishEvent') };
}

const echo = (fail: () => unknown = () => undefined) =>
  void agent.serve(
    async (conversation) => {
      for await (const message of conversation.messages()) {
        const error = fail();
        if (error !== undefined) throw error;
        await message.reply(`echo: ${message.text}`);
      }
    },
    { auditIntervalMs: false },
  );

describe('a platform that refuses for now what a handler says', () => {
  // verifies: failure:retry
  it('with 503 for ten minutes costs no message, is asked no more often than it wants, and is told of all the while', async () => {
    const raw = platform.open('d');
    const refused = refuse(503);
    platform.say(raw, 'one');
    echo();
    await until(() => refused.at.length === 1);
    await pass(600_000);
    const waits = refused.at.slice(1).map((at, index) => at - (refused.at[index] as number));
    expect(waits.slice(0, 3).map((ms, index) => ms >= [5_000, 10_000, 15_000][index]!)).toEqual([true, true, true]);
    expect(Math.min(...waits.slice(3))).toBeGreaterThanOrEqual(120_000);
    expect(of('handlerError').length).toBeGreaterThanOrEqual(refused.at.length - 1);
    refused.end();
    await pass(150_000, 1_000, () => platform.said(raw).length > 0);
    expect(platform.said(raw)).toEqual(['echo: one']);
    expect(of('messageSkipped')).toEqual([]);
  }, 15_000);

  it('with 429 is asked again after a second at least, by all at different times', async () => {
    const all = Array.from({ length: 20 }, (_, n) => platform.open(`d${n}`));
    const refused = refuse(429);
    for (const raw of all) platform.say(raw, 'one');
    echo();
    await until(() => refused.at.length === all.length);
    const since = clock.now();
    await pass(900, 100);
    expect(refused.at).toHaveLength(all.length);
    await pass(2_500, 50);
    const again = refused.at.slice(all.length);
    expect(Math.min(...again) - since).toBeGreaterThanOrEqual(1_000);
    expect(new Set(again).size).toBeGreaterThan(8);
    refused.end();
    await pass(60_000, 1_000, () => all.every((raw) => platform.said(raw).length > 0));
    expect(all.map((raw) => platform.said(raw))).toEqual(all.map(() => ['echo: one']));
  });

  it('for more than two hours may mean this message: it is skipped, and the next is answered', async () => {
    const raw = platform.open('d');
    let asked = 0;
    platform.hooks.set('PublishEvent', ({ body }) => {
      if (body.event['message'] !== 'echo: poison') return undefined;
      asked++;
      return { code: 500, body: 'trouble' };
    });
    for (const text of ['poison', 'two']) platform.say(raw, text);
    echo();
    await until(() => asked === 1);
    await pass(7_000_000, 20_000);
    expect(of('messageSkipped')).toEqual([]);
    await pass(1_800_000, 20_000, () => platform.said(raw).length > 0);
    expect(of('messageSkipped')).toHaveLength(1);
    expect(platform.said(raw)).toEqual(['echo: two']);
  }, 30_000);
});

describe('the connection of a handler', () => {
  it.each([
    ['lost before it was sent', () => new ConnectionLostError('lost', { retryable: true })],
    ['missing', () => new NotConnectedError('none', { retryable: true })],
  ])('uses up no attempt when it is %s', async (_, fault) => {
    const raw = platform.open('d');
    platform.say(raw, 'one');
    let failures = 0;
    echo(() => (failures < 8 ? (failures++, fault()) : undefined));
    await until(() => failures === 1);
    await pass(400_000, 1_000, () => platform.said(raw).length > 0);
    expect(platform.said(raw)).toEqual(['echo: one']);
  });

  it('uses up one when it is not known what was done: it would be done each time', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'one');
    let failures = 0;
    echo(() => (failures++, new OutcomeUnknownError('unknown')));
    await until(() => failures === 1);
    await pass(400_000, 1_000, () => of('messageSkipped').length > 0);
    expect(failures).toBe(5);
  });
});
