import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation, StatusEvent } from '@lp/agent';
import { createManualClock } from '@lp/core';
import { first } from '../support/platform.ts';
import { ACCOUNT, PID, RawPlatform, until } from '../support/raw-dialogs.ts';

const OWN = `${ACCOUNT}.42`;

let platform: RawPlatform;

beforeEach(async () => {
  platform = await RawPlatform.start();
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

/** The states that were asked for, and for whom. */
const asked = () =>
  platform.requests.flatMap(({ type, request: { body } }) =>
    type === 'SetAgentState' ? [`${body.agentUserId}=${body.availability}`] : [],
  );

const told = (agent: Agent, type: StatusEvent['type']) => first(agent.status(), (event) => event.type === type);

describe('the state of the agent', () => {
  it.each([
    ['another agent’s', '888', [`${OWN}=ONLINE`]],
    ['its own by its old id', OWN, [`${OWN}=AWAY`]],
    ['its own by its PID', PID, [`${OWN}=AWAY`]],
  ])('is the one that is set again after a reconnect, when %s was set last', async (_, agentUserId, expected) => {
    const agent = await platform.connect();
    await agent.setAgentState({ availability: 'ONLINE' });
    await agent.setAgentState({ availability: 'AWAY', agentUserId });
    const before = asked().length;
    const restored = told(agent, 'reconnected');
    platform.cut();
    await restored;
    expect(asked().slice(before)).toEqual(expected);
  });
});

const watch = async (conversation: Conversation) => {
  for await (const message of conversation.messages()) await message.markRead();
};

describe('the state of a bot that is full', () => {
  const refuse = {
    'is refused for now': { code: 500, body: 'try later' },
    'does not come': 'silent',
  } as const;

  it.each(Object.keys(refuse) as (keyof typeof refuse)[])(
    'is ONLINE again once it has room, also when the first response to that %s',
    async (how) => {
      let failures = 0;
      platform.hooks.set('SetAgentState', ({ body }) =>
        body.availability === 'ONLINE' && failures++ === 0 ? refuse[how] : undefined,
      );
      const agent = await platform.connect({ requestTimeoutMs: how === 'does not come' ? 200 : 10_000 });
      void agent.serve(watch, { concurrency: 1, availabilityWhenFull: 'AWAY' });
      const raw = platform.open('d');
      await until(() => asked().length === 1);
      platform.close(raw);
      await until(() => asked().length === 3);
      expect(asked()).toEqual([`${OWN}=AWAY`, `${OWN}=ONLINE`, `${OWN}=ONLINE`]);
    },
  );

  it('is not asked for any more once another is wanted', async () => {
    const clock = createManualClock();
    platform.hooks.set('SetAgentState', ({ body }) =>
      body.availability === 'AWAY' ? { code: 503, body: 'try later' } : undefined,
    );
    const agent = await platform.connect({ clock });
    void agent.serve(watch, { concurrency: 1, availabilityWhenFull: 'AWAY', auditIntervalMs: false });
    const raw = platform.open('d');
    await until(() => asked().length === 1);
    platform.close(raw);
    await until(() => asked().length === 2);
    await clock.advance(10_000);
    await agent.getClock();
    expect(asked()).toEqual([`${OWN}=AWAY`, `${OWN}=ONLINE`]);
  });
});

describe('the state in which serving leaves the agent', () => {
  it('is asked for again when it is refused for now', async () => {
    let failures = 0;
    platform.hooks.set('SetAgentState', () => (failures++ === 0 ? { code: 429, body: 'too many' } : undefined));
    const agent = await platform.connect();
    const stop = new AbortController();
    const served = agent.serve(watch, { signal: stop.signal, availabilityAfter: 'AWAY' });
    await until(() => platform.count('SubscribeRoutingTasks') > 0);
    stop.abort();
    await served;
    expect(asked()).toEqual([`${OWN}=AWAY`, `${OWN}=AWAY`]);
  });

  it('holds the end up for 3 seconds at most, and is told when it could not be set', async () => {
    const clock = createManualClock();
    platform.hooks.set('SetAgentState', () => 'silent');
    const agent = await platform.connect({ clock });
    const failed = told(agent, 'handlerError');
    const stop = new AbortController();
    const served = agent.serve(watch, { signal: stop.signal, availabilityAfter: 'AWAY' });
    await until(() => platform.count('SubscribeRoutingTasks') > 0);
    stop.abort();
    await until(() => asked().length === 1);
    await clock.advance(3_000);
    await served;
    expect(await failed).toMatchObject({ where: 'setAgentState', error: { code: 'REQUEST_TIMEOUT' } });
  });
});

describe('an outage of the routing service alone', () => {
  it.each([
    ['SetAgentState', 'setAgentState', { code: 503, body: 'down' }],
    ['SetAgentState', 'setAgentState', 'silent'],
    ['SubscribeRoutingTasks', 'subscribeRoutingTasks', { code: 429, body: 'too many' }],
    ['SubscribeRoutingTasks', 'subscribeRoutingTasks', 'silent'],
  ] as const)('costs no connection: %s (%s) gets %j', async (type, what, response) => {
    const agent = await platform.connect({ requestTimeoutMs: 1_000 });
    const raw = platform.open('d');
    await agent.setAgentState({ availability: 'ONLINE' });
    void agent.serve(async (conversation) => {
      for await (const message of conversation.messages()) await message.reply(`echo: ${message.text}`);
    });
    await until(() => platform.count('SubscribeRoutingTasks') > 0);
    platform.say(raw, 'one');
    await until(() => platform.said(raw).length === 1);
    let failures = 0;
    platform.hooks.set(type, () => (failures++ === 0 ? response : undefined));
    const delayed = told(agent, 'restoreDelayed');
    const before = platform.count(type);
    platform.cut();
    platform.say(raw, 'two', { push: false });
    await until(() => platform.said(raw).length === 2);
    expect(await delayed).toMatchObject({ what, attempt: 1 });
    await until(() => platform.count(type) === before + 2);
    expect(platform.upgrades).toBe(2);
  });
});
