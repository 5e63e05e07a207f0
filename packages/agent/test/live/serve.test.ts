import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation } from '@lp/agent';
import { ClosedError, ConfigError, createManualClock, DrainingError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import type { SimulatedChat } from '@lp/simulator';
import { first, startOnline, startPlatform, type TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let agent: Agent;

beforeEach(async () => {
  ({ agent, platform } = await startOnline());
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const chatWith = (message: string, skillId?: string): Promise<SimulatedChat> =>
  platform.simulator.consumer().startConversation({ message, ...(skillId !== undefined && { skillId }) });

async function echo(conversation: Conversation): Promise<void> {
  for await (const message of conversation.messages()) {
    await message.markRead();
    await conversation.send(`echo: ${message.text}`);
  }
}

/** Serves in the background; `stop` ends it and waits. */
function serve(handler: (conversation: Conversation) => Promise<void>, options: Parameters<Agent['serve']>[1] = {}) {
  const controller = new AbortController();
  const served = agent.serve(handler, { signal: controller.signal, ...options });
  return {
    served,
    async stop() {
      controller.abort();
      await served;
    },
  };
}

const requestsOf = (type: string) =>
  platform.simulator.recentFrames.filter((entry) => entry.direction === 'in' && entry.type?.endsWith(type));

describe('serve()', () => {
  // verifies: first:serve
  it('accepts a ring and hands the conversation to the handler', async () => {
    const service = serve(echo);
    const chat = await chatWith('hi');
    expect((await chat.next()).text).toBe('echo: hi');
    await service.stop();
  });

  // verifies: first:serve
  it('runs many conversations side by side, each in order', async () => {
    const service = serve(echo);
    const chats = await Promise.all(Array.from({ length: 20 }, (_, n) => chatWith(`0 of ${n}`)));
    await Promise.all(
      chats.map(async (chat, n) => {
        for (const i of [1, 2, 3]) await chat.say(`${i} of ${n}`);
        for (const i of [0, 1, 2, 3]) expect((await chat.next()).text).toBe(`echo: ${i} of ${n}`);
      }),
    );
    await service.stop();
  });

  // verifies: first:serve
  it('serves the conversations that were assigned before it began', async () => {
    const changes = agent.conversationChanges();
    const assigned = first(changes, ({ result }) => result.conversationDetails?.myRole === 'ASSIGNED_AGENT');
    const before = serve(async () => undefined);
    const chat = await chatWith('hi');
    await assigned;
    await before.stop();
    const service = serve(echo);
    expect((await chat.next()).text).toBe('echo: hi');
    await service.stop();
  });

  it('serves those too that the platform leaves out of its first notification', async () => {
    const clock = createManualClock();
    await using small = await startPlatform({ clock, maxConversationsPerNotification: 10 });
    const assignedTo = small.simulator.agents[0]?.username ?? '';
    const waiting = new Set<string>();
    for (let n = 0; n < 35; n++) {
      for (const id of small.simulator.openConversations(1, { assignedTo, message: 'hi' })) waiting.add(id);
      await clock.advance(1);
    }
    const stop = new AbortController();
    const answered = createDeferred<void>();
    const served = (await small.connect()).serve(
      async (conversation) => {
        for await (const { dialogId } of conversation.messages()) {
          waiting.delete(dialogId);
          if (waiting.size === 0) answered.resolve();
        }
      },
      { signal: stop.signal },
    );
    await answered.promise;
    stop.abort();
    await expect(served).resolves.toBeUndefined();
  });

  it('ends the handler when the consumer has closed', async () => {
    let handled: string[] = [];
    let finished = 0;
    const begun = createDeferred<void>();
    const service = serve(async (conversation) => {
      begun.resolve();
      for await (const { text } of conversation.messages()) handled = [...handled, text ?? ''];
      finished++;
    });
    const chat = await chatWith('one');
    // One that is closed before it was accepted is nobody's.
    await begun.promise;
    await chat.say('two');
    const changes = agent.conversationChanges();
    await chat.close();
    await first(changes, ({ result }) => result.conversationDetails?.stage === 'CLOSE');
    await service.stop();
    expect(finished).toBe(1);
    expect(handled).toEqual(['one', 'two']);
  });

  it('ends the handler when the conversation leaves, and runs it again when it comes back', async () => {
    let runs = 0;
    const service = serve(async (conversation) => {
      runs++;
      for await (const message of conversation.messages()) {
        await message.markRead();
        if (message.text === 'away') await conversation.backToQueue();
        else await conversation.send(`run ${runs}: ${message.text}`);
      }
    });
    const chat = await chatWith('hi');
    expect((await chat.next()).text).toBe('run 1: hi');
    await chat.say('away');
    await platform.simulator.waitForRequest('UpdateConversationField');
    await chat.say('back?');
    expect((await chat.next()).text).toBe('run 2: back?');
    await service.stop();
  });

  // verifies: shown:own-errors, status:handler-error
  it('isolates a handler that throws, tells of it, and runs it again', async () => {
    const errors = agent.status();
    let failures = 0;
    const service = serve(async (conversation) => {
      for await (const message of conversation.messages()) {
        if (message.text === 'poison' && failures++ === 0) throw new Error('handler failed');
        await message.markRead();
        await conversation.send(`echo: ${message.text}`);
      }
    });
    const poisoned = await chatWith('poison');
    const other = await chatWith('fine');
    expect((await other.next()).text).toBe('echo: fine');
    const told = await first(errors, (event) => event.type === 'handlerError');
    expect(told).toMatchObject({ where: 'serve', conversationId: poisoned.conversationId });
    expect((await poisoned.next()).text).toBe('echo: poison');
    await service.stop();
  });

  it('takes only the skills it is told to, and leaves the others to other agents', async () => {
    const service = serve(echo, { skillIds: ['7'] });
    const wanted = await chatWith('hi', '7');
    const unwanted = await chatWith('hi', '8');
    expect((await wanted.next()).text).toBe('echo: hi');
    const refused = await platform.simulator.waitForRequest('UpdateRingState', ({ frame }) =>
      JSON.stringify(frame).includes('REJECTED'),
    );
    expect(JSON.stringify(refused.frame)).toContain(unwanted.conversationId);
    await service.stop();
  });

  it('asks before it accepts, and leaves a ring alone when the answer throws', async () => {
    const errors = agent.status();
    const service = serve(echo, {
      acceptRing: (ring) => {
        if (ring.skillId === '8') throw new Error('cannot decide');
        return ring.skillId === '7';
      },
    });
    const chat = await chatWith('hi', '7');
    expect((await chat.next()).text).toBe('echo: hi');
    await chatWith('hi', '8');
    expect(await first(errors, (event) => event.type === 'handlerError')).toMatchObject({ where: 'acceptRing' });
    await service.stop();
  });

  it('takes no more than it may at once, says that it is full, and takes the next when there is room', async () => {
    const service = serve(echo, { concurrency: 1, availabilityWhenFull: 'AWAY' });
    const one = await chatWith('one');
    expect((await one.next()).text).toBe('echo: one');
    await platform.simulator.waitForRequest('SetAgentState', ({ frame }) => JSON.stringify(frame).includes('AWAY'));
    const two = await chatWith('two');
    await one.close();
    expect((await two.next()).text).toBe('echo: two');
    await service.stop();
  });

  it('counts a ring from the moment it decides on it', async () => {
    let most = 0;
    let running = 0;
    const service = serve(
      async (conversation) => {
        most = Math.max(most, ++running);
        for await (const message of conversation.messages()) await message.markRead();
        running--;
      },
      {
        concurrency: 1,
        acceptRing: async () => {
          await agent.getClock();
          return true;
        },
      },
    );
    await Promise.all([chatWith('one'), chatWith('two'), chatWith('three')]);
    await platform.simulator.waitForRequest('UpdateRingState', ({ frame }) =>
      JSON.stringify(frame).includes('REJECTED'),
    );
    await agent.getClock();
    expect(most).toBeLessThanOrEqual(1);
    await service.stop();
  });

  it('does not hold the agent up for a handler that never returns', async () => {
    const started = createDeferred<void>();
    const service = serve(async () => {
      started.resolve();
      await new Promise(() => undefined);
    });
    await chatWith('hi');
    await started.promise;
    await agent.close();
    await expect(service.served).resolves.toBeUndefined();
  });

  it('lets handlers finish what they have read when it is stopped', async () => {
    let sent = 0;
    const controller = new AbortController();
    const served = agent.serve(
      async (conversation) => {
        for await (const message of conversation.messages()) {
          controller.abort();
          await conversation.send(`late: ${message.text}`);
          sent++;
        }
      },
      { signal: controller.signal, returnToQueue: true, availabilityAfter: 'AWAY' },
    );
    const chat = await chatWith('hi');
    await served;
    expect(sent).toBe(1);
    expect((await chat.next()).text).toBe('late: hi');
    expect(requestsOf('UpdateConversationField')).toHaveLength(1);
    expect(requestsOf('SetAgentState')).toHaveLength(2);
    await platform.simulator.waitForRequest('UnsubscribeExConversations');
  });

  it('ends at once where nothing is at work, though the end of its subscription gets no response', async () => {
    const clock = createManualClock();
    const own = await platform.connect({ clock });
    const controller = new AbortController();
    const served = own.serve(echo, { signal: controller.signal, returnToQueue: true });
    await platform.simulator.waitForRequest('SubscribeRoutingTasks');
    await own.getClock();
    platform.simulator.faults.dropAnswers('UnsubscribeExConversations');
    controller.abort();
    await expect(served).resolves.toBeUndefined();
    await platform.simulator.waitForRequest('UnsubscribeExConversations');
  });

  it('does not wait longer for a handler than it may', async () => {
    const started = chatWith('hi');
    const controller = new AbortController();
    const served = agent.serve(
      async () => {
        controller.abort();
        await new Promise(() => undefined);
      },
      { signal: controller.signal, drainTimeoutMs: 10 },
    );
    await started;
    await expect(served).resolves.toBeUndefined();
  });

  // verifies: limit:audit
  it('finds a message whose every notification got lost on a connection that lives', async () => {
    const service = serve(echo, { auditIntervalMs: 20 });
    const chat = await chatWith('one');
    await chat.next();
    platform.simulator.faults.loseNotifications({ times: 2 });
    await chat.say('two');
    expect((await chat.next()).text).toBe('echo: two');
    await service.stop();
  });

  it('ends when the agent is closed', async () => {
    const service = serve(echo);
    const chat = await chatWith('hi');
    await chat.next();
    await agent.close();
    await expect(service.served).resolves.toBeUndefined();
  });

  it('begins no more once the agent drains or is closed', async () => {
    const draining = agent.drain();
    await expect(agent.serve(async () => undefined)).rejects.toThrow(DrainingError);
    await draining;
    await expect(agent.serve(async () => undefined)).rejects.toThrow(ClosedError);
    const closed = await platform.connect();
    const closing = closed.close();
    await expect(closed.serve(async () => undefined)).rejects.toThrow(ClosedError);
    await closing;
    const lost = await platform.connect({ reconnect: false });
    platform.simulator.faults.dropAll();
    const error = await lost.closed;
    await expect(lost.serve(async () => undefined)).rejects.toBe(error);
  });

  it('rejects a ring whose acceptance is decided after it was stopped', async () => {
    const decision = createDeferred<boolean>();
    const asked = createDeferred<void>();
    const service = serve(echo, {
      acceptRing: () => {
        asked.resolve();
        return decision.promise;
      },
    });
    await chatWith('hi');
    await asked.promise;
    await service.stop();
    decision.resolve(true);
    const { frame } = await platform.simulator.waitForRequest('UpdateRingState');
    expect(frame?.body).toMatchObject({ ringState: 'REJECTED' });
  });

  it('leaves no timer behind, of rings that it has just accepted neither', async () => {
    const clock = createManualClock();
    const own = await platform.connect({ clock });
    const served = own.serve(echo);
    await platform.simulator.waitForRequest('SubscribeRoutingTasks');
    const chat = await chatWith('hi');
    await chat.next();
    await own.close();
    await served;
    expect(clock.pendingTimers).toBe(0);
  });

  it('does nothing when its signal was aborted before', async () => {
    await agent.serve(echo, { signal: AbortSignal.abort() });
    expect(requestsOf('SubscribeRoutingTasks')).toHaveLength(0);
  });

  it('refuses a limit that is not one', async () => {
    await expect(agent.serve(echo, { concurrency: 0 })).rejects.toThrow(ConfigError);
    await expect(agent.serve(echo, { auditIntervalMs: 0 })).rejects.toThrow(ConfigError);
    await expect(agent.serve(echo, { maxConcurrency: 1 } as never)).rejects.toThrow(
      'serve.maxConcurrency is not an option; did you mean concurrency?',
    );
    await expect(agent.serve('echo' as never)).rejects.toThrow('the handler must be a function');
  });

  it('rejects when the platform refuses the subscription', async () => {
    platform.simulator.faults.failRequests('SubscribeExConversations', 400);
    await expect(agent.serve(echo)).rejects.toMatchObject({ status: 400 });
  });

  it.each([
    ['SubscribeExConversations', 502],
    ['SubscribeExConversations', 429],
    ['SubscribeRoutingTasks', 500],
  ])('goes on when %s is answered with %d at first', async (type, status) => {
    platform.simulator.faults.failRequests(type, status, { times: 2 });
    const service = serve(echo);
    const chat = await chatWith('hi');
    expect((await chat.next()).text).toBe('echo: hi');
    expect(requestsOf(type).length).toBeGreaterThanOrEqual(3);
    await service.stop();
  });

  it('leaves nothing behind when it is closed while a subscription waits to be asked for again', async () => {
    const clock = createManualClock();
    const other = await platform.connect({ clock });
    platform.simulator.faults.failRequests('SubscribeExConversations', 502);
    const served = other.serve(echo);
    await platform.simulator.waitForRequest('SubscribeExConversations');
    await other.close();
    await served;
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['the connection is dropped', () => platform.simulator.faults.dropAll()],
    ['the token expires', () => platform.simulator.faults.expireToken()],
    ['the server closes with 1011', () => platform.simulator.faults.closeWith(1011)],
    ['the server goes away with 1001', () => platform.simulator.faults.closeWith(1001)],
  ])('answers everything exactly once when %s', async (_what, strike) => {
    const service = serve(echo);
    const chat = await chatWith('before');
    await chat.next();
    const status = agent.status();
    strike();
    await chat.say('during');
    await first(status, (event) => event.type === 'reconnected');
    await chat.say('after');
    expect([(await chat.next()).text, (await chat.next()).text]).toEqual(['echo: during', 'echo: after']);
    const late = await chatWith('a new one');
    expect((await late.next()).text).toBe('echo: a new one');
    await service.stop();
    expect(chat.transcript.filter(({ from }) => from === 'agent')).toHaveLength(3);
  });
});
