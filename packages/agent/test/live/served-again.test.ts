import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation } from '@lp/agent';
import { readAll } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let raw: RawPlatform;
let agent: Agent;
let begun: string[];
let over: string[];

beforeEach(async () => {
  raw = await RawPlatform.start();
  agent = await raw.connect();
  [begun, over] = [[], []];
});

afterEach(async () => {
  await raw[Symbol.asyncDispose]();
});

const greet = async (conversation: Conversation) => {
  begun.push(conversation.conversationId);
  for await (const message of conversation.messages()) await message.reply(`echo: ${message.text}`);
  over.push(conversation.conversationId);
};

/** Serves; gives how to stop that. */
function serve(): () => Promise<void> {
  const stop = new AbortController();
  const served = agent.serve(greet, { auditIntervalMs: false, signal: stop.signal });
  return async () => {
    stop.abort();
    await served;
  };
}

/** Has three conversations known, two of which go while nothing tells of them. */
async function twoAreGone(known: () => Promise<unknown>) {
  const [kept, ended, left] = [raw.open('kept'), raw.open('ended'), raw.open('left')];
  for (const conversation of [kept, ended, left]) raw.say(conversation, 'one');
  await known();
  raw.close(ended);
  left.mine = false;
  raw.tell(left);
  return { kept, ended, left };
}

const served = async () => {
  const stop = serve();
  await until(() => begun.length === 3);
  await stop();
  begun = [];
};

describe('serve() after an earlier one of the same agent', () => {
  it('handles what is its own still, and not what has ended or left meanwhile', async () => {
    const { kept } = await twoAreGone(served);
    raw.say(kept, 'two', { push: false });
    const stop = serve();
    await until(() => raw.said(kept).length === 2);
    expect(begun).toEqual(['kept']);
    await stop();
  });

  it('handles what comes back, though it be told as it was before it left', async () => {
    const { left } = await twoAreGone(served);
    const stop = serve();
    await until(() => begun.length === 1);
    left.mine = true;
    raw.tell(left);
    await until(() => begun.length === 2);
    expect(begun).toEqual(['kept', 'left']);
    await stop();
  });
});

describe('conversations() after an earlier list', () => {
  it('lists what there is now', async () => {
    const list = async () => (await readAll(agent.conversations({ agentIds: 'me', follow: false }))).length;
    await twoAreGone(async () => expect(await list()).toBe(3));
    expect(await list()).toBe(1);
  });
});

describe('a handler that has returned with its dialog', () => {
  it('runs again when the dialog is opened again, the conversation having stayed open', async () => {
    const conversation = raw.open('survey');
    raw.say(conversation, 'one');
    const stop = serve();
    await until(() => raw.said(conversation).length === 1);
    const tell = (state: 'OPEN' | 'CLOSE') => {
      const body = raw.changes('subscription', [conversation]);
      for (const { result } of body.changes) {
        const [main] = result.conversationDetails.dialogs;
        if (main) main.state = state;
      }
      raw.notify('.ams.aam.ExConversationChangeNotification', body);
    };
    tell('CLOSE');
    await until(() => over.length === 1);
    raw.say(conversation, 'two', { push: false });
    tell('OPEN');
    await until(() => raw.said(conversation).length === 2);
    expect(begun).toEqual(['survey', 'survey']);
    await stop();
  });
});

describe('a handler that has returned', () => {
  it('leaves what is said later to the next serving, and its return is told in the log', async () => {
    const lines: unknown[] = [];
    const log = (message: string, facts?: object) => void lines.push([message, facts]);
    const logger = { debug: log, info: () => undefined, warn: () => undefined, error: () => undefined };
    const logging = await raw.connect({ logger });
    const dialog = raw.open('d');
    raw.say(dialog, 'bye');
    const stop = new AbortController();
    const first = logging.serve(
      async (conversation) => {
        for await (const message of conversation.messages()) {
          await message.reply(`echo: ${message.text}`);
          return;
        }
      },
      { auditIntervalMs: false, signal: stop.signal },
    );
    const isTold = () => lines.filter((line) => JSON.stringify(line).includes('a handler has returned'));
    await until(() => isTold().length > 0);
    raw.say(dialog, 'one more');
    await logging.getClock();
    expect([raw.said(dialog), isTold()]).toEqual([
      ['echo: bye'],
      [[expect.stringContaining('is not handled'), { conversationId: 'd' }]],
    ]);
    stop.abort();
    await first;
    void logging.serve(greet, { auditIntervalMs: false });
    await until(() => raw.said(dialog).length === 2);
    expect(raw.said(dialog)).toEqual(['echo: bye', 'echo: one more']);
  });
});
