import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Agent, type Conversation, connectAgent } from '@lp/agent';
import type { Simulator } from '@lp/simulator';

const EXAMPLES = fileURLToPath(new URL('../../../../examples', import.meta.url));

/** An example as a program of its own, online. */
export async function startExample(
  simulator: Simulator,
  name: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable> {
  const { accountId, credentials, csdsDomain } = simulator.connectOptions;
  const env = {
    PATH: process.env['PATH'],
    LP_ACCOUNT: accountId,
    LP_USER: credentials.username,
    LP_PASS: credentials.password,
    LP_CSDS: csdsDomain,
    ...settings,
  };
  const bot = spawn(process.execPath, [`${EXAMPLES}/${name}/dist/main.js`], { env, stdio: 'ignore' });
  const ended = once(bot, 'exit');
  await simulator.waitForRequest('SetAgentState', undefined, { timeoutMs: 15_000 });
  return {
    async [Symbol.asyncDispose]() {
      bot.kill('SIGTERM');
      await ended;
    },
  };
}

export const startEchoBot = (simulator: Simulator): Promise<AsyncDisposable> => startExample(simulator, 'echo-bot');

/** A bot that answers each text with what `answers` says for it. */
export async function startBot(
  simulator: Simulator,
  answers: (conversation: Conversation, text: string) => Promise<unknown>,
): Promise<Agent> {
  const agent = await connectAgent(simulator.connectOptions);
  await agent.setAgentState({ availability: 'ONLINE' });
  agent
    .serve(async (conversation) => {
      for await (const message of conversation.messages()) {
        await message.markRead();
        await answers(conversation, message.text ?? '');
      }
    })
    .catch(() => undefined);
  return agent;
}

const publishText = (text: string) => ({ actions: [{ type: 'publishText' as const, text }] });

export function quickReplies(...titles: string[]) {
  return {
    type: 'quickReplies' as const,
    itemsPerRow: 8,
    replies: titles.map((title) => ({ type: 'button' as const, title, click: publishText(title) })),
  };
}

export const PARCEL = {
  type: 'vertical' as const,
  elements: [
    { type: 'text' as const, text: 'Order 4711' },
    {
      type: 'keyValuePairList' as const,
      elements: [
        { key: 'Status', value: 'In transit' },
        { key: 'Due', value: 'Tomorrow' },
      ],
    },
    {
      type: 'button' as const,
      title: 'Track it',
      click: { actions: [{ type: 'link' as const, uri: 'https://shop.example/track/4711' }] },
    },
    { type: 'button' as const, title: 'Change address', click: publishText('Change address') },
  ],
};

export const CARDS = {
  type: 'carousel' as const,
  elements: ['Express', 'Standard', 'Pick-up'].map((title) => ({
    type: 'vertical' as const,
    elements: [
      { type: 'text' as const, text: title },
      { type: 'button' as const, title: `Choose ${title}`, click: publishText(title) },
    ],
  })),
};
