import type { SimulatorOptions } from '@lp/simulator';
import type { Program, Stage } from '../support/program.ts';

export type Chat = Awaited<ReturnType<ReturnType<Stage['simulator']['consumer']>['startConversation']>>;

/** A public program, and a conversation with it. */
export interface Scenario {
  /** The repository it is from, and the folder of it that it needs. */
  readonly repository: string;
  readonly folder: string;
  /** Where the folder has to lie, for a program that reaches for what is two folders up. */
  readonly within?: string;
  readonly file: string;
  readonly simulator?: SimulatorOptions;
  readonly env?: Record<string, string>;
  /** Stand-ins of modules that cannot be installed, or lead to services of others, by name. */
  readonly modules?: Readonly<Record<string, string>>;
  /** What is written into the program's file where it has a placeholder. */
  readonly fill?: Readonly<Record<string, string>>;
  /** A file beside the program's own that starts a part of it. */
  readonly starter?: string;
  /** What the old package prints, and this one in its place. */
  readonly better?: Readonly<Record<string, string>>;
  /** Plays the consumer; resolves when the program has done what it is for. */
  readonly play: (stage: Stage, program: Program) => Promise<Chat>;
}

export const open = (stage: Stage, skillId?: string): Promise<Chat> =>
  stage.simulator
    .consumer({
      consumerId: 'consumer-1',
      firstName: 'Ada',
      lastName: 'L',
      privateData: { mobileNum: '1', mail: 'a@b.c' },
    })
    .startConversation(skillId === undefined ? {} : { skillId });

export const hears = async (chat: Chat, text: string): Promise<void> => {
  for (;;) if ((await chat.next()).text?.includes(text) === true) return;
};

/** Closes a conversation and waits until the platform has been told nothing more about it. */
export const closed = async (chat: Chat): Promise<Chat> => {
  await chat.close();
  await chat.closed;
  return chat;
};

/** Says each text once everything about the one before is over: what two processes do at the same time has no order. */
export const says = async (chat: Chat, texts: readonly string[]): Promise<Chat> => {
  for (const text of texts) {
    const { sequence } = await chat.say(text);
    await hears(chat, text);
    await chat.waitForEvent(
      ({ event }) => (event as { sequenceList?: number[] }).sequenceList?.includes(sequence) === true,
    );
  }
  return chat;
};

const echoes =
  (texts: readonly string[], greeting?: string) =>
  async (stage: Stage, program: Program): Promise<Chat> => {
    await program.printed('connected');
    await stage.simulator.waitForRequest('SubscribeRoutingTasks');
    const chat = await open(stage);
    await stage.simulator.waitForRequest('QueryMessages');
    if (greeting !== undefined) await hears(chat, greeting);
    return says(chat, texts);
  };

/** A bot that greets each conversation, prints `more` if that is given, and notices that the consumer has closed it. */
export const greets =
  (more?: string): Scenario['play'] =>
  async (stage, program) => {
    await stage.simulator.waitForRequest('SubscribeExConversations');
    const chat = await open(stage);
    await hears(chat, 'welcome from bot');
    if (more !== undefined) await program.printed(more);
    await closed(chat);
    await program.printed('conversation was closed');
    return chat;
  };

const JOINED = 'Just joined to conversation';

const keys = { LP_APP_KEY: 'app-key', LP_APP_SECRET: 'app-secret', LP_APP_AT: 'at', LP_APP_AT_SECRET: 'at-secret' };
const keyLogin = {
  agents: [
    { username: 'bot', appKey: 'app-key', secret: 'app-secret', accessToken: 'at', accessTokenSecret: 'at-secret' },
  ],
};
const step = (file: string, play: Scenario['play']): Scenario => ({
  repository: 'lp-bot-demo',
  folder: '.',
  file,
  simulator: keyLogin,
  env: keys,
  play,
});

const example = (folder: string, more: Omit<Scenario, 'repository' | 'folder'>): Scenario => ({
  repository: 'node-agent-sdk',
  folder: 'examples',
  ...more,
  file: `${folder}/${more.file}`,
});

export const scenarios: readonly Scenario[] = [
  example('agent-bot', {
    file: 'main.js',
    play: async (stage, program) => {
      const chat = await echoes(['one', 'two'], JOINED)(stage, program);
      const { sequence } = await chat.say('#close');
      await chat.closed;
      await stage.simulator.waitForRequest('PublishEvent', ({ text }) => text.includes(`"sequenceList":[${sequence}]`));
      return chat;
    },
  }),
  example('greeting-bot', { file: 'main.js', play: greets() }),
  example('close-conversation-bot', {
    file: 'main.js',
    play: async (stage, program) => {
      await program.printed('subscribeExConversations');
      const chat = await open(stage);
      await chat.closed;
      await program.printed('OK Conversation resolved');
      return chat;
    },
  }),
  example('social-bot', {
    file: 'main.js',
    play: async (stage, program) => {
      const chat = await echoes(['plain'], JOINED)(stage, program);
      const metadata = [
        {
          type: 'SocialMessagingEventData',
          channel: 'Public',
          replyToId: '1_2',
          event: { source: 'Facebook', type: 'CP' },
        },
      ];
      await chat.say('MsgRef:eyJ0eXBlIjoidHdlZXQifQ==,x', { metadata });
      await hears(chat, 'Bot response from: Facebook, Public');
      await program.printed('sequence');
      return chat;
    },
  }),
  example('survey-bot', {
    file: 'main.js',
    simulator: { skills: [{ id: '7', survey: { appInstallId: 'app-1' } }] },
    env: { APP_INST: 'app-1' },
    play: async (stage, program) => {
      await program.printed('subscribeExConversations');
      const chat = await open(stage, '7');
      await chat.close();
      await hears(chat, 'How would you rate');
      await chat.say('no idea');
      await hears(chat, 'How would you rate');
      // It closes the dialog at the click, before what the click says is said, or after.
      await chat.click('⭐⭐⭐').catch(() => undefined);
      await chat.closed;
      await program.printed('close dialog');
      return chat;
    },
  }),
  example('agent-survey-bot', {
    file: 'main.js',
    simulator: {
      skills: [
        {
          id: '7',
          agentSurvey: [{ id: 1, category: 'free_text', question: 'how?' } as never],
        },
      ],
    },
    play: async (stage, program) => {
      await program.printed('subscribeExConversations');
      const chat = await open(stage, '7');
      await program.printed('Submit body was successfully stored!');
      await chat.say('submit');
      await program.printed('agent survey status');
      await closed(chat);
      await program.printed('Fail to get answers');
      return chat;
    },
    // The old one sends a revision of 19 digits as a number.
    better: { 'agent survey status 409': 'agent survey status submitted' },
  }),
  example('filesharing-bot', { file: 'filesharing-bot.js', play: greets('signature: ') }),
  example('transfer2same-agent-bot', {
    file: 'main.js',
    play: async (stage, program) => {
      const chat = await echoes([], JOINED)(stage, program);
      await program.printed('msg: err');
      return closed(await says(chat, ['hello']));
    },
    better: { '[object Object]': 'Error: .ams.cm.UpdateConversationField was refused with 400' },
  }),
  example('cluster', {
    file: 'index.js',
    // All tasks are this node's: there is no other.
    modules: {
      'task-sharding': `const { EventEmitter } = require('node:events');
        class TaskSharding extends EventEmitter {
          constructor(_, tasks) {
            super();
            setImmediate(() => tasks.forEach((task) => this.emit('taskAdded', task, () => undefined)));
          }
        }
        module.exports = { TaskSharding };`,
    },
    env: { BOT_CONFIG_FILE: 'bots.json' },
    play: async (stage, program) => {
      await program.printed('subscribeExConversations');
      const chat = await open(stage);
      await hears(chat, JOINED);
      await chat.say('hello');
      await hears(chat, 'response from');
      return chat;
    },
  }),
  ...(['agent', 'manager', 'reader'] as const).map(
    (kind): Scenario => ({
      repository: 'messaging_bot_samples',
      folder: '.',
      file: `${kind}.js`,
      play: async (stage, program) => {
        await program.printed('CONNECTED');
        await stage.simulator.waitForRequest('SubscribeRoutingTasks');
        const chat = await open(stage);
        if (kind === 'agent') {
          await stage.simulator.waitForRequest('QueryMessages');
          await chat.say('hi');
          await hears(chat, 'you said hi!');
          await chat.say('content');
          await chat.waitForEvent(({ event }) => event.type === 'RichContentEvent');
          await chat.say('transfer');
          await hears(chat, 'transferring');
          await program.printed('"type":"DELETE"');
        } else {
          await stage.simulator.waitForRequest('UpdateConversationField');
        }
        return chat;
      },
    }),
  ),
  step('step1-echo.js', async (stage, program) => closed(await echoes(['one', 'two'])(stage, program))),
  step('step2-close.js', async (stage, program) => {
    const chat = await echoes(['one'])(stage, program);
    await chat.say('#close');
    await chat.closed;
    return chat;
  }),
  step('step3-structure-content.js', async (stage, program) => {
    const chat = await echoes(['one'])(stage, program);
    await chat.say('#rich');
    await chat.waitForEvent(({ event }) => event.type === 'RichContentEvent');
    return chat;
  }),
  step('step4-join-message.js', echoes(['one'])),
  step('step5-transfer.js', async (stage, program) => {
    const chat = await echoes(['one'])(stage, program);
    await chat.say('#transfer');
    await stage.simulator.waitForRequest('UpdateConversationField');
    return chat;
  }),
  step('step6-intents.js', async (stage, program) => {
    await program.printed('subscribed');
    await stage.simulator.waitForRequest('SubscribeRoutingTasks');
    const chat = await open(stage);
    await stage.simulator.waitForRequest('QueryMessages');
    await chat.say('pay');
    await hears(chat, 'I will check');
    return chat;
  }),
  step('step8-manager-bot.js', greets()),
  step('step9-resilience.js', async (stage, program) => {
    const chat = await echoes(['one'])(stage, program);
    await chat.say('#crash');
    await program.end();
    return chat;
  }),
];
