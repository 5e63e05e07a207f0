import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation } from '@lp/agent';
import { type Clock, systemClock } from '@lp/core';
import { startOnline } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

// What waits in the background for seconds is not waited for here.
const clock: Clock = {
  now: () => systemClock.now(),
  setTimer: (callback, delayMs, options) =>
    systemClock.setTimer(callback, options?.background === true ? delayMs / 50 : delayMs, options),
};

let raw: RawPlatform;
let agent: Agent;
let over: string[];
let begun: string[];

beforeEach(async () => {
  raw = await RawPlatform.start();
  [begun, over] = [[], []];
});

afterEach(async () => {
  await raw[Symbol.asyncDispose]();
});

const readToEnd = async (conversation: Conversation) => {
  begun.push(conversation.conversationId);
  for await (const message of conversation.messages()) await message.reply(`echo: ${message.text}`);
  over.push(conversation.conversationId);
};

/** Serves so many conversations, and cuts the connection; what `meanwhile` does is pushed to nobody. */
async function cutWhile(count: number, meanwhile: (conversations: ReturnType<RawPlatform['open']>[]) => void) {
  agent = await raw.connect({ clock });
  void agent.serve(readToEnd, { auditIntervalMs: false });
  const conversations = Array.from({ length: count }, (_, n) => raw.open(`c${n}`));
  for (const conversation of conversations) raw.say(conversation, 'hello');
  await until(() => conversations.every((conversation) => raw.said(conversation).length === 1));
  raw.cut();
  meanwhile(conversations);
  await until(() => raw.upgrades === 2 && agent.state === 'connected');
  return conversations;
}

describe('a conversation that goes while the connection is lost', () => {
  // verifies: limit:departed
  it('ends its handler when it has ended, and when another has it', async () => {
    const [, , kept] = await cutWhile(3, ([ended, left]) => {
      if (ended) ended.closed = true;
      if (left) left.mine = false;
    });
    await until(() => over.length === 2);
    expect(over.toSorted()).toEqual(['c0', 'c1']);
    if (kept) raw.say(kept, 'still there?');
    await until(() => kept !== undefined && raw.said(kept).length === 2);
    expect(agent.conversation('c1').myRole).toBeUndefined();
  });

  it('ends its handler where this agent may not look into what is another’s', async () => {
    raw.showsOthers = false;
    await cutWhile(2, ([left]) => {
      if (left) left.mine = false;
    });
    await until(() => over.length > 0);
    expect(over).toEqual(['c0']);
  });

  it('ends its loop, and no handler fails, where its history is refused before that is told', async () => {
    raw.showsOthers = false;
    raw.hooks.set('QueryMessages', ({ body }) => {
      const { mine = false, closed = true } = raw.conversations.get(body.dialogId) ?? {};
      return mine && !closed ? undefined : { code: 403 };
    });
    const failed: unknown[] = [];
    await cutWhile(2, ([ended, left]) => {
      if (ended) ended.closed = true;
      if (left) left.mine = false;
      void (async () => {
        for await (const status of agent.status()) if (status.type === 'handlerError') failed.push(status);
      })();
    });
    await until(() => over.length === 2);
    expect([over.toSorted(), begun, failed]).toEqual([['c0', 'c1'], ['c0', 'c1'], []]);
  });

  it('is one of many that are asked for all at once', async () => {
    await cutWhile(40, (conversations) => {
      for (const conversation of conversations.slice(0, 20)) conversation.mine = false;
    });
    await until(() => over.length === 20);
    expect(over).toHaveLength(20);
    expect(begun).toHaveLength(40);
  });

  it('is served again when it comes back', async () => {
    const [conversation] = await cutWhile(1, ([left]) => {
      if (left) left.mine = false;
    });
    await until(() => over.length === 1);
    if (!conversation) return;
    conversation.mine = true;
    raw.say(conversation, 'back again', { push: false });
    raw.tell(conversation);
    await until(() => raw.said(conversation).length === 2);
    expect(begun).toEqual(['c0', 'c0']);
  });
});

describe('a conversation that goes on a connection that lives, and nothing tells of it', () => {
  // verifies: limit:audit
  it.each([2, 20])('is found by audits, among %d that are held', async (count) => {
    agent = await raw.connect({ clock });
    const conversations = Array.from({ length: count }, (_, n) => raw.open(`c${n}`));
    void agent.serve(readToEnd, { auditIntervalMs: 1_000 });
    await until(() => begun.length === count);
    const [ended, left] = conversations;
    if (ended) ended.closed = true;
    if (left) left.mine = false;
    await until(() => over.length === 2);
    expect(over.toSorted()).toEqual(['c0', 'c1']);
    expect(begun).toHaveLength(count);
  });
});

describe('a conversation that the platform cannot be asked about', () => {
  const refuseToTellOf = (conversationId: string, code: number) =>
    raw.hooks.set('SubscribeExConversations', ({ body }) =>
      body.conversationId === conversationId ? { code } : undefined,
    );

  it.each([500, 403])('hides no other one, and ends no audit: %d', async (code) => {
    agent = await raw.connect({ clock });
    const conversations = [raw.open('c0'), raw.open('c1')];
    void agent.serve(readToEnd, { auditIntervalMs: 1_000 });
    await until(() => begun.length === 2);
    refuseToTellOf('c0', code);
    for (const conversation of conversations) conversation.closed = true;
    await until(() => over.length === 1);
    expect(over).toEqual(['c1']);
    const audits = raw.count('GetClock');
    await until(() => raw.count('GetClock') > audits + 4);
  });

  it.each([500, 403])('hides no other one after a lost connection: %d', async (code) => {
    await cutWhile(2, (conversations) => {
      refuseToTellOf('c0', code);
      for (const conversation of conversations) conversation.closed = true;
    });
    await until(() => over.length === 1);
    expect(over).toEqual(['c1']);
  });

  it('after a lost connection is asked about again when it may be by then', async () => {
    let refused = 0;
    await cutWhile(1, ([ended]) => {
      if (ended) ended.closed = true;
      raw.hooks.set('SubscribeExConversations', ({ body }) =>
        body.conversationId === 'c0' && refused++ < 2 ? { code: 500 } : undefined,
      );
    });
    await until(() => over.length === 1);
    expect(refused).toBe(3);
  });
});

describe('a conversation that was told of last, and has ended or left since', () => {
  // verifies: limit:audit
  it.each(['ended', 'left'])('is found by the next look, not by the one after: it has %s', async (how) => {
    agent = await raw.connect({ clock });
    const conversation = raw.open('c0');
    let audits = 0;
    const lookedBehind: number[] = [];
    raw.hooks.set('SubscribeExConversations', ({ body }) => {
      const isAudit = (body as { minLastUpdatedTime?: number }).minLastUpdatedTime !== undefined;
      if (body.conversationId === 'c0' && audits >= 3) lookedBehind.push(audits);
      if (!isAudit || ++audits !== 3) return undefined;
      conversation.survey = 'OPEN';
      raw.tell(conversation);
      if (how === 'ended') conversation.closed = true;
      else conversation.mine = false;
      return undefined;
    });
    void agent.serve(readToEnd, { auditIntervalMs: 1_000 });
    await until(() => over.length === 1);
    // The sixth looks before it asks for what has changed.
    expect(lookedBehind).toEqual([5]);
  });
});

describe('conversations that are still there after a lost connection', () => {
  it('cost no request', async () => {
    await cutWhile(20, () => undefined);
    const subscriptions = () => raw.count('SubscribeExConversations');
    const before = subscriptions();
    await new Promise((resolve) => clock.setTimer(() => resolve(undefined), 2_200, { background: true }));
    expect(subscriptions()).toBe(before);
    expect(over).toEqual([]);
  });
});

describe('on the simulator, a conversation that ends while the connection is lost', () => {
  it('ends its handler', async () => {
    const online = await startOnline({ clock });
    await using platform = online.platform;
    void online.agent.serve(readToEnd, { auditIntervalMs: false });
    const chat = await platform.simulator.consumer().startConversation({ message: 'hello' });
    await chat.next();
    const { faults } = platform.simulator;
    faults.failUpgrade(503);
    faults.dropAll({ agent: platform.simulator.agents[0]?.username ?? '' });
    await chat.close();
    faults.clear();
    await until(() => over.length === 1);
    expect(over).toEqual([chat.conversationId]);
  });
});

describe('handOff() when the connection is lost before the response to its transfer', () => {
  /** Hands off at the first message; the transfer is done or not, and the connection is cut instead of a response. */
  async function handOff(isDone: boolean) {
    agent = await raw.connect({ clock });
    const conversation = raw.open('c0');
    let transfers = 0;
    raw.hooks.set('UpdateConversationField', () => {
      transfers++;
      if (transfers > 1) {
        conversation.mine = false;
        return { after: () => raw.tell(conversation) };
      }
      conversation.mine = !isDone;
      raw.cut();
      return 'silent';
    });
    const results: unknown[] = [];
    const serving = agent.serve(
      async (one) => {
        for await (const _ of one.messages()) {
          const done = one.handOff(
            { skillId: '7' },
            { say: 'A colleague takes over.', timeoutMs: isDone ? 60_000 : 500 },
          );
          await done.finally(() => results.push(one.myRole));
        }
        over.push(one.conversationId);
      },
      { auditIntervalMs: false, onError: () => 'retry' },
    );
    raw.say(conversation, 'help');
    await until(() => over.length === 1);
    await agent.close();
    await serving;
    return { conversation, results, transfers };
  }

  // verifies: handoff:unknown
  it('succeeds once the platform shows that this agent has left', async () => {
    const { conversation, results, transfers } = await handOff(true);
    expect(results).toEqual([undefined]);
    expect(transfers).toBe(1);
    expect(raw.said(conversation)).toEqual(['A colleague takes over.']);
  });

  it('asks for the transfer again, and says nothing twice, when it was not done', async () => {
    const { conversation, transfers } = await handOff(false);
    expect(transfers).toBe(2);
    expect(raw.said(conversation)).toEqual(['A colleague takes over.']);
  });
});
