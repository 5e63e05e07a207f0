import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Agent,
  type Conversation,
  createFileCursorStore,
  createFileDialogStore,
  createMemoryCursorStore,
  createMemoryDialogStore,
  type Message,
  type Ring,
} from '@lp/agent';
import * as content from '@lp/agent/content';
import { ConfigError } from '@lp/core';
import { oneOfEach } from '../support/one-of-each.ts';
import type { TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let agent: Agent;
let conversation: Conversation;
let message: Message;
let ring: Ring;

beforeAll(async () => {
  ({ platform, agent, ring, conversation, message } = await oneOfEach());
});

afterAll(async () => {
  await platform[Symbol.asyncDispose]();
});

type Misspelt = Record<string, unknown>;
type Call = (options: never) => unknown;
const survey = { conversationId: 'c', skillId: '1' };

/** What every public method is called, how, a wrong name, and the one that was meant. */
const calls: [name: string, call: Call, wrong: string, meant: string][] = [
  ['drain', (o) => agent.drain(o), 'timeoutMS', 'timeoutMs'],
  ['reconnect', (o) => agent.reconnect(o), 'renewtoken', 'renewToken'],
  ['rings', (o) => agent.rings(o), 'capcity', 'capacity'],
  ['status', (o) => agent.status(o), 'signl', 'signal'],
  ['conversations', (o) => agent.conversations(o), 'skillId', 'skillIds'],
  ['conversationChanges', (o) => agent.conversationChanges(o), 'conversationID', 'conversationId'],
  ['messagingEvents', (o) => agent.messagingEvents(o), 'dialogID', 'dialogId'],
  ['routingTasks', (o) => agent.routingTasks(o), 'capcity', 'capacity'],
  ['agentStates', (o) => agent.agentStates(o), 'capcity', 'capacity'],
  ['notifications', (o) => agent.notifications(o), 'capcity', 'capacity'],
  ['serve', (o) => agent.serve(async () => undefined, o), 'sigal', 'signal'],
  ['getClock', (o) => agent.getClock(undefined, o), 'timeout', 'timeoutMs'],
  ['request', (o) => agent.request('.GetClock', {}, o), 'timeout', 'timeoutMs'],
  ['publishEvent', (o) => agent.publishEvent({} as never, o), 'metaData', 'metadata'],
  ['updateConversationField', (o) => conversation.update([], o), 'header', 'headers'],
  ['accept', (o) => ring.accept(o), 'waits', 'wait'],
  ['messages', (o) => conversation.messages(o), 'form', 'from'],
  ['events', (o) => conversation.events(o), 'strat', 'start'],
  ['history', (o) => conversation.history(o), 'befor', 'before'],
  ['changes', (o) => conversation.changes(o), 'capcity', 'capacity'],
  ['typing', (o) => conversation.typing(o), 'dialogID', 'dialogId'],
  ['ask', (o) => conversation.ask('Size?', o), 'choice', 'choices'],
  ['send', (o) => conversation.send('x', o), 'dialogID', 'dialogId'],
  ['reply', (o) => message.reply('x', o), 'quickReply', 'quickReplies'],
  ['join', (o) => conversation.join('MANAGER', o), 'dialog', 'dialogId'],
  ['handOff', (o) => conversation.handOff('queue', o), 'timeout', 'timeoutMs'],
  ['handOff', (o: object) => conversation.handOff({ skillId: '1', ...o }), 'agntId', 'agentId'],
  ['transferToAgent', (o) => conversation.transferToAgent('a.1', o), 'skill', 'skillId'],
  ['downloadFile', (o) => conversation.downloadFile('/f.png', o), 'timeout', 'timeoutMs'],
  [
    'uploadFile',
    (o: object) => conversation.uploadFile(new Uint8Array(1), { fileType: 'PNG', ...o }),
    'captoin',
    'caption',
  ],
  ['state', (o) => agent.survey.state(survey, o), 'timeout', 'timeoutMs'],
  ['full', (o) => agent.survey.full(survey, o), 'timeout', 'timeoutMs'],
  ['submit', (o) => agent.survey.submit(survey, [], o), 'revison', 'revision'],
  ['saveDraft', (o) => agent.survey.saveDraft(survey, [], o), 'revison', 'revision'],
  ['dismiss', (o) => agent.survey.dismiss(survey, o), 'revison', 'revision'],
  ['agentStatus', (o) => agent.history.agentStatus({}, o), 'timeout', 'timeoutMs'],
  ['conversation', (o) => agent.history.conversation({ conversationId: 'c' }, o), 'timeout', 'timeoutMs'],
  ['createMemoryCursorStore', (o) => createMemoryCursorStore(o), 'maxDialog', 'maxDialogs'],
  ['createMemoryDialogStore', (o) => createMemoryDialogStore(o), 'maxDialog', 'maxDialogs'],
  ['createFileCursorStore', (o) => createFileCursorStore('/nowhere', o), 'maxDialog', 'maxDialogs'],
  ['createFileDialogStore', (o) => createFileDialogStore('/nowhere', o), 'loger', 'logger'],
  ['text', (o) => content.text('x', o), 'bolt', 'bold'],
  ['image', (o) => content.image('https://x.example/a.png', o), 'captoin', 'caption'],
  ['link', (o) => content.link('https://x.example', o), 'targt', 'target'],
  ['button', (o) => content.button('x', o), 'chanel', 'channel'],
  ['card', (o: object) => content.card({ title: 'x', ...o }), 'button', 'buttons'],
  ['carousel', (o) => content.carousel([], o), 'chanel', 'channel'],
  ['quickReplies', (o) => content.quickReplies(['x'], o), 'perrow', 'perRow'],
];

/** What a call is refused with, thrown or rejected. */
async function refusalOf(call: Call, options: unknown): Promise<unknown> {
  try {
    const result = await (call as (options: unknown) => unknown)(options);
    return { accepted: result };
  } catch (error) {
    return error;
  }
}

describe('a misspelt option', () => {
  it.each(calls)('of %s is refused, and the one that was meant is named', async (name, call, wrong, meant) => {
    const refusal = await refusalOf(call, { [wrong]: 1 } satisfies Misspelt);
    expect(refusal).toBeInstanceOf(ConfigError);
    expect((refusal as Error).message).toBe(`${name}.${wrong} is not an option; did you mean ${meant}?`);
  });

  it.each(calls)('of %s sends nothing, and what is not an object is refused too', async (name, call) => {
    const sent = platform.simulator.recentFrames.length;
    const refusal = await refusalOf(call, 'quickly');
    expect(refusal).toBeInstanceOf(ConfigError);
    expect((refusal as Error).message).toContain(name);
    expect(platform.simulator.recentFrames.length).toBe(sent);
  });
});
