import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Agent,
  type Conversation,
  createMemoryDialogStore,
  type DialogStore,
  type Message,
  type StatusEvent,
} from '@lp/agent';
import { createManualClock } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { RawPlatform, until } from '../support/raw-dialogs.ts';
import { writeFrame } from '../support/raw-server.ts';

let platform: RawPlatform;

beforeEach(async () => {
  platform = await RawPlatform.start();
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

/** A store that is not ours in memory, so that its saves are waited for. */
function ownStore(): DialogStore {
  const kept = createMemoryDialogStore();
  return {
    load: (key) => kept.load(key),
    save: (key, record) => kept.save(key, record),
    delete: (key) => kept.delete(key),
  };
}

function watch(agent: Agent): StatusEvent[] {
  const events: StatusEvent[] = [];
  void (async () => {
    for await (const event of agent.status()) events.push(event);
  })();
  return events;
}

const said = (raw: ReturnType<RawPlatform['open']>) => platform.said(raw).filter((text) => text !== undefined);
const shown = () => platform.requests.flatMap(({ request }) => request.body?.event?.['chatState'] ?? []);

/** Serves until its first message is in hand and its time is over; gives how to let the body go on, and how that ended. */
async function abandon(agent: Agent, act: (conversation: Conversation, message: Message) => Promise<unknown>) {
  const atWork = createDeferred<void>();
  const goOn = createDeferred<void>();
  const done = createDeferred<unknown>();
  const stop = new AbortController();
  const served = agent.serve(
    async (conversation) => {
      for await (const message of conversation.messages()) {
        atWork.resolve();
        await goOn.promise;
        await act(conversation, message).then(done.resolve, done.resolve);
      }
    },
    { signal: stop.signal, drainTimeoutMs: 1 },
  );
  await atWork.promise;
  stop.abort();
  await served;
  return async () => {
    goOn.resolve();
    return await done.promise;
  };
}

function echo(agent: Agent) {
  const stop = new AbortController();
  const served = agent.serve(
    async (conversation) => {
      for await (const message of conversation.messages()) await message.reply(`echo: ${message.text}`);
    },
    { signal: stop.signal },
  );
  return async () => {
    stop.abort();
    await served;
  };
}

describe('a handler that is at work when its serve has ended', () => {
  const acts: Record<string, (conversation: Conversation, message: Message) => Promise<unknown>> = {
    reply: (_, message) => message.reply('late'),
    'reply in pieces': (_, message) =>
      message.reply(async function* () {
        yield 'late';
      }),
    send: (conversation) => conversation.send('late'),
    'send with confirm': (conversation) => conversation.send('late', { confirm: true }),
    ask: (conversation) => conversation.ask('late?'),
    markRead: (_, message) => message.markRead(),
    setTyping: (conversation) => conversation.setTyping('COMPOSING'),
    transferToSkill: (conversation) => conversation.transferToSkill('7'),
    'a second loop': async (conversation) => {
      for await (const message of conversation.messages()) await message.reply('late');
    },
  };
  it.each(Object.keys(acts))(
    'is refused what it does from then on, and its message is handled by the next: %s',
    async (name) => {
      const raw = platform.open('d');
      platform.say(raw, 'one');
      const agent = await platform.connect();
      const events = watch(agent);
      const goOn = await abandon(agent, acts[name] as never);
      const stop = echo(agent);
      await until(() => said(raw).length === 1);
      const before = platform.requests.filter(({ type }) => type === 'PublishEvent').length;
      expect(await goOn()).toMatchObject({ code: name === 'ask' ? 'NO_ANSWER' : 'DRAINING' });
      platform.say(raw, 'two');
      await until(() => said(raw).length === 2);
      expect(said(raw)).toEqual(['echo: one', 'echo: two']);
      expect(platform.requests.some(({ type }) => type === 'UpdateConversationField')).toBe(false);
      expect(before).toBeGreaterThan(0);
      await stop();
      expect(events.filter(({ type }) => type === 'handlerError')).toEqual([]);
    },
  );

  it.each([
    ['in memory', undefined],
    ['of its own', ownStore()],
  ])('keeps nothing of what it had in hand: a store %s', async (_, store) => {
    const raw = platform.open('d');
    platform.say(raw, 'one');
    const agent = await platform.connect({ store });
    const events = watch(agent);
    const goOn = await abandon(agent, async () => 'nothing said');
    const stop = echo(agent);
    await until(() => said(raw).length === 1);
    expect(await goOn()).toBe('nothing said');
    for (const text of ['two', 'three']) platform.say(raw, text);
    await until(() => said(raw).length === 3);
    await stop();
    expect(events.filter(({ type }) => type === 'handlerError')).toEqual([]);
  });

  it('is not repeated by the next, where its answer was under way', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'one');
    const agent = await platform.connect();
    const stop = new AbortController();
    const asked = createDeferred<() => void>();
    platform.hooks.set('PublishEvent', (request, socket) => {
      if (request.body.event.type !== 'ContentEvent') return undefined;
      platform.hooks.delete('PublishEvent');
      asked.resolve(() => {
        const { after, body } = platform.publish(request);
        writeFrame(socket, { kind: 'resp', reqId: request.id, code: 200, type: 'r', body });
        after?.();
      });
      return 'silent';
    });
    const served = agent.serve(
      async (conversation) => {
        for await (const message of conversation.messages()) await message.reply('the first');
      },
      { signal: stop.signal, drainTimeoutMs: 1 },
    );
    const respond = await asked.promise;
    stop.abort();
    await served;
    const end = echo(agent);
    await agent.getClock();
    respond();
    platform.say(raw, 'two');
    await until(() => said(raw).length === 2);
    expect(said(raw)).toEqual(['the first', 'echo: two']);
    await end();
  });

  it('shows no longer that it writes', async () => {
    const clock = createManualClock();
    const raw = platform.open('d');
    platform.say(raw, 'one');
    const agent = await platform.connect({ clock });
    const stop = new AbortController();
    const aborted = createDeferred<unknown>();
    const served = agent.serve(
      async (conversation) => {
        for await (const message of conversation.messages()) {
          await message.reply(async function* ({ signal }) {
            signal.addEventListener('abort', () => aborted.resolve(signal.reason));
            yield 'begun';
            await new Promise(() => undefined);
          });
        }
      },
      { signal: stop.signal, drainTimeoutMs: 1_000 },
    );
    await until(() => shown().length === 1);
    stop.abort();
    await clock.advance(1_000);
    await served;
    expect(await aborted.promise).toMatchObject({ code: 'DRAINING' });
    await until(() => shown().length === 2);
    await clock.advance(20_000);
    await agent.getClock();
    expect(shown()).toEqual(['COMPOSING', 'ACTIVE']);
    expect(said(raw)).toEqual([]);
  });

  it('costs those nothing that have ended', async () => {
    const [slow, done] = [platform.open('slow'), platform.open('done')];
    const agent = await platform.connect();
    const handled = createDeferred<Conversation>();
    const atWork = createDeferred<void>();
    const stop = new AbortController();
    const served = agent.serve(
      async (conversation) => {
        if (conversation.conversationId === done.id) return handled.resolve(conversation);
        atWork.resolve();
        await new Promise(() => undefined);
      },
      { signal: stop.signal, drainTimeoutMs: 1 },
    );
    const [conversation] = await Promise.all([handled.promise, atWork.promise]);
    stop.abort();
    await served;
    await conversation.send('goodbye');
    expect(said(done)).toEqual(['goodbye']);
    await expect(agent.conversation(slow.id).send('goodbye')).resolves.toMatchObject({ sequence: 0 });
  });
});

describe('a loop whose stream was closed while its body was at work', () => {
  it('keeps and answers nothing more when another reader has begun', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'one');
    const agent = await platform.connect();
    const events = watch(agent);
    const goOn = createDeferred<void>();
    const inHand = createDeferred<void>();
    const first = agent.conversation('d').messages();
    const firstLoop = (async () => {
      for await (const message of first) {
        inHand.resolve();
        await goOn.promise;
        await expect(message.reply('late')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
      }
    })();
    await inHand.promise;
    first.close();
    const second = agent.conversation('d').messages();
    const secondLoop = (async () => {
      for await (const message of second) await message.reply(`echo: ${message.text}`);
    })();
    await until(() => said(raw).length === 1);
    goOn.resolve();
    await firstLoop;
    platform.say(raw, 'two');
    await until(() => said(raw).length === 2);
    second.close();
    await secondLoop;
    expect(said(raw)).toEqual(['echo: one', 'echo: two']);
    expect(events.filter(({ type }) => type === 'handlerError')).toEqual([]);
  });
});
