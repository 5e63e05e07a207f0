import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { Agent } from '@lp/agent';
import { OutcomeUnknownError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { accepted, startPlatform } from '../support/platform.ts';

const REASONS = [new Error('bye'), new OutcomeUnknownError('of something else'), 'text', 0, null];

/** A REST service that never responds. */
async function startSilentService() {
  const asked = createDeferred<void>();
  const server = createServer(() => asked.resolve());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    asked: asked.promise,
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('the signal of an agent', () => {
  it.each(REASONS)('rejects all that waits with its reason itself: %p', async (reason) => {
    await using silent = await startSilentService();
    await using platform = await startPlatform();
    const abort = new AbortController();
    const agent = await platform.connect({ signal: abort.signal, domains: { msgHist: silent.host } });
    await agent.setAgentState({ availability: 'ONLINE' });
    const { conversation } = await accepted(platform, agent, { message: 'hi' });
    const begun = createDeferred<void>();
    const outcomes = outcomesOf({
      history: agent.history.conversation({ conversationId: conversation.conversationId }),
      events: conversation.events({ start: 'live' })[Symbol.asyncIterator]().next(),
      serve: agent.serve(async (served) => {
        for await (const _ of served.messages()) await new Promise(() => undefined);
      }),
      stream: conversation.send(
        (async function* () {
          begun.resolve();
          await new Promise(() => undefined);
          yield 'never';
        })(),
      ),
    });
    await Promise.all([silent.asked, begun.promise]);
    abort.abort(reason);
    expect(await outcomes).toEqual({ history: reason, events: reason, serve: reason, stream: reason });
    expect(await agent.closed).toBeInstanceOf(Error);
  });

  it.each(REASONS)(
    'rejects what waits for something other than a response with its reason itself: %p',
    async (reason) => {
      const transfers = createDeferred<void>();
      await using platform = await startPlatform();
      const abort = new AbortController();
      const agent = await platform.connect({
        signal: abort.signal,
        interceptors: [
          async (call, next) => {
            if (!call.type.endsWith('UpdateConversationField')) return await next(call);
            // The platform says yes, and never shows that this agent has left.
            transfers.resolve();
            return 'OK';
          },
        ],
      });
      await agent.setAgentState({ availability: 'ONLINE' });
      const { conversation } = await accepted(platform, agent, { message: 'hi' });
      let left = false;
      const reading = createDeferred<void>();
      const endless = {
        [Symbol.asyncIterator]: () => ({
          next: () => {
            reading.resolve();
            return new Promise<never>(() => undefined);
          },
          return: async () => {
            left = true;
            return { done: true as const, value: undefined };
          },
        }),
      };
      const outcomes = outcomesOf({
        uploadFile: conversation.uploadFile(endless, { fileType: 'PNG' }),
        handOff: reading.promise.then(() => agent.conversation(conversation.conversationId).handOff('queue')),
      });
      await Promise.all([reading.promise, transfers.promise]);
      abort.abort(reason);
      expect(await outcomes).toEqual({ uploadFile: reason, handOff: reason });
      expect(left).toBe(true);
    },
  );

  it.each(REASONS)('rejects what is asked for afterwards with its reason itself: %p', async (reason) => {
    await using platform = await startPlatform();
    const abort = new AbortController();
    const agent = await platform.connect({ signal: abort.signal });
    await agent.setAgentState({ availability: 'ONLINE' });
    const { conversation } = await accepted(platform, agent, { message: 'hi' });
    abort.abort(reason);
    const later: Record<string, () => Promise<unknown>> = {
      getClock: () => agent.getClock(),
      send: () => conversation.send('x', { confirm: true }),
      newest: () => conversation.history(),
      uploadFile: () => conversation.uploadFile(new Uint8Array(1), { fileType: 'PNG' }),
      downloadFile: () => conversation.downloadFile('/f.png'),
      handOff: () => conversation.handOff('queue'),
      reconnect: () => agent.reconnect(),
      refreshSession: () => agent.refreshSession(),
      history: () => agent.history.conversation({ conversationId: 'c' }),
    };
    // One after the other: nothing else can be said while a conversation is handed off.
    for (const [name, call] of Object.entries(later))
      expect(await outcomesOf({ [name]: call() })).toEqual({ [name]: reason });
  });

  it('does not wait for a server that hangs', async () => {
    await using silent = await startSilentService();
    await using platform = await startPlatform();
    const abort = new AbortController();
    const agent = await platform.connect({ signal: abort.signal, domains: { msgHist: silent.host } });
    platform.simulator.faults.freeze();
    const outcomes = outcomesOf({
      history: agent.history.conversation({ conversationId: 'c' }),
      rings: agent.notifications()[Symbol.asyncIterator]().next(),
    });
    await silent.asked;
    let closed = false;
    void agent.closed.then(() => (closed = true));
    const reason = new Error('bye');
    abort.abort(reason);
    expect(await outcomes).toEqual({ history: reason, rings: reason });
    // The socket is still asked to close.
    expect(closed).toBe(false);
  });

  it.each(REASONS)('ends connecting with its reason itself: %p', async (reason) => {
    await using platform = await startPlatform();
    platform.simulator.faults.hangUpgrade();
    const abort = new AbortController();
    const connecting: Promise<Agent> = platform.connect({ signal: abort.signal });
    const outcome = outcomesOf({ connecting });
    setTimeout(() => abort.abort(reason), 20);
    expect(await outcome).toEqual({ connecting: reason });
  });
});

/** What each of these rejects with. */
async function outcomesOf(calls: Record<string, Promise<unknown>>): Promise<Record<string, unknown>> {
  const ends = Object.entries(calls).map(async ([name, call]) => [
    name,
    await call.then(
      () => 'no rejection',
      (e) => e,
    ),
  ]);
  return Object.fromEntries(await Promise.all(ends));
}
