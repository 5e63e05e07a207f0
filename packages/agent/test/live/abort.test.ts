import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { Agent } from '@lp/agent';
import { createDeferred } from '@lp/core/internal';
import { accepted, startPlatform } from '../support/platform.ts';

const REASONS = [new Error('bye'), 'text', 0, null];

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
