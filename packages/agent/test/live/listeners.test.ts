import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { stopSignal } from '@lp/agent';
import { createDeferred } from '@lp/core/internal';
import { startPlatform, type TestPlatform } from '../support/platform.ts';

const AGENTS = 15;
const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);
let platform: TestPlatform;

beforeEach(async () => {
  warnings.length = 0;
  process.on('warning', note);
  const agents = Array.from({ length: AGENTS }, (_, n) => ({ username: `bot-${n}`, password: 'secret' }));
  platform = await startPlatform({ agents });
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
  process.off('warning', note);
});

/** Node.js emits a warning in a later turn. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('listeners, of which Node.js takes more than ten for a leak', () => {
  it('are one for twenty requests that share a signal', async () => {
    const agent = await platform.connect();
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 20 }, () => agent.getClock(undefined, { signal })));
    platform.simulator.faults.dropAnswers('GetClock');
    const unanswered = Array.from({ length: 20 }, () => agent.getClock(undefined, { signal }).catch(() => undefined));
    expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
    await settled();
    await agent.close();
    await Promise.all(unanswered);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('are one for fifteen agents that serve until one stop signal, and none afterwards', async () => {
    const before = process.listenerCount('SIGUSR2');
    const signal = stopSignal(['SIGUSR2']);
    const agents = await Promise.all(
      Array.from({ length: AGENTS }, (_, n) => platform.connect({ signal: undefined }, n)),
    );
    await Promise.all(agents.map((agent) => agent.setAgentState({ availability: 'ONLINE' })));
    const answered = createDeferred<void>();
    let answers = 0;
    const served = agents.map((agent) =>
      agent.serve(
        async (conversation) => {
          for await (const message of conversation.messages()) {
            await message.reply('fine');
            if (++answers === AGENTS) answered.resolve();
          }
        },
        { signal },
      ),
    );
    const consumers = Array.from({ length: AGENTS }, () => platform.simulator.consumer());
    await Promise.all(consumers.map((consumer) => consumer.startConversation({ message: 'hi' })));
    await answered.promise;
    await settled();
    expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(2);
    process.emit('SIGUSR2', 'SIGUSR2');
    await Promise.all(served);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(process.listenerCount('SIGUSR2')).toBe(before);
    expect(warnings).toEqual([]);
  });

  it('are one for fifteen questions that share a signal', async () => {
    const agent = await platform.connect();
    await agent.setAgentState({ availability: 'ONLINE' });
    const stop = new AbortController();
    const { signal } = stop;
    void agent.serve(async (conversation) => {
      for await (const _ of conversation.messages()) await conversation.ask('Well?', { signal });
    });
    const consumers = Array.from({ length: AGENTS }, () => platform.simulator.consumer());
    const chats = await Promise.all(consumers.map((consumer) => consumer.startConversation({ message: 'hi' })));
    await Promise.all(chats.map((chat) => chat.next()));
    await settled();
    expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
    expect(warnings).toEqual([]);
  });

  it('are one for fifteen agents whose connections end with one signal', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const agents = await Promise.all(Array.from({ length: AGENTS }, (_, n) => platform.connect({ signal }, n)));
    await settled();
    expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
    controller.abort(new Error('enough'));
    await Promise.all(agents.map((agent) => agent.closed));
    expect(warnings).toEqual([]);
  });
});
