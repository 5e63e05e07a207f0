import { type Chat, closed, greets, hears, open, type Scenario, says } from './scenarios.ts';

// Programs of others on the old SDK. Their language services are stand-ins that answer with what was said.

const WATSON = `class Watson {
  message({ input: { text } }, done) {
    const output = { text: ['heard ' + text] };
    if (text === 'bye') output.action = { name: 'close' };
    if (text === 'human') output.action = { name: 'escalate', skill: 'Humans' };
    setImmediate(() => done(null, { context: { at: text }, intents: [{ intent: 'talk', confidence: 1 }], entities: [], output }));
  }
}
`;
const LANGUAGE_SERVICE = {
  'watson-developer-cloud': `${WATSON}module.exports = { AssistantV1: Watson };`,
  'watson-developer-cloud/conversation/v1': `${WATSON}module.exports = Watson;`,
  'prompt-sync': 'module.exports = () => () => "";',
  'heroku-client': 'module.exports = class { delete() { return Promise.resolve(); } };',
};
// Two runs of these tests do not meet on it.
const PAGE_PORT = 21_000 + (process.pid % 9_000);
const KEY = { appKey: 'app-key', secret: 'app-secret', accessToken: 'at', accessTokenSecret: 'at-secret' };

/** The consumer says something, and hears what the language service has made of it. */
const talks = async (chat: Chat, texts: readonly string[]): Promise<Chat> => {
  for (const text of texts) {
    await chat.say(text);
    await hears(chat, `heard ${text}`);
  }
  return chat;
};
const opened: (...parameters: Parameters<Scenario['play']>) => Promise<Chat> = async (stage) => {
  await stage.simulator.waitForRequest('SubscribeRoutingTasks');
  const chat = await open(stage);
  await stage.simulator.waitForRequest('QueryMessages');
  return chat;
};

const connectorEnv = {
  PORT: '0',
  TYPING_DELAY: '20',
  SNIPPET_DELAY: '20',
  CLOSE_DELAY: '20',
  OPERATING_HOURS_START_HH: '0',
  OPERATING_HOURS_START_MM: '0',
  OPERATING_HOURS_END_HH: '24',
  OPERATING_HOURS_END_MM: '0',
  LP_ACCOUNT_ID: 'le12345678',
  LP_ACCOUNT_USER: 'bot',
  LP_ACCOUNT_APP_KEY: KEY.appKey,
  LP_ACCOUNT_SECRET: KEY.secret,
  LP_ACCOUNT_ACCESS_TOKEN: KEY.accessToken,
  LP_ACCOUNT_ACCESS_TOKEN_SECRET: KEY.accessTokenSecret,
  LP_API_APP_KEY: KEY.appKey,
  LP_API_SECRET: KEY.secret,
  LP_API_ACCESS_TOKEN: KEY.accessToken,
  LP_API_ACCESS_TOKEN_SECRET: KEY.accessTokenSecret,
};
const connector = (repository: string, play: Scenario['play']): Scenario => ({
  repository,
  folder: '.',
  file: 'index.js',
  simulator: { agents: [{ username: 'bot', ...KEY }], skills: [{ id: '8', name: 'Humans' }] },
  env: connectorEnv,
  modules: LANGUAGE_SERVICE,
  play,
});

/** A bot whose account and password are in its code. */
const withLogin = (
  repository: string,
  accountId: string,
  username: string,
  password: string,
  play: Scenario['play'],
) => ({
  repository,
  folder: '.',
  file: 'index.js',
  simulator: { accountId, agents: [{ username, password }] },
  env: { PORT: '0' },
  modules: LANGUAGE_SERVICE,
  play,
});

export const connectors: readonly Scenario[] = [
  {
    ...withLogin('WatsonMessagingConnector', 'le12345678', 'bot', 'secret', async (stage, program) => {
      const chat = await opened(stage, program);
      await hears(chat, 'Just joined to conversation');
      await talks(chat, ['one', 'two']);
      await chat.say('#close');
      await chat.closed;
      await program.printed('closed conversation');
      return chat;
    }),
    fill: {
      "accountId: '{Your Key}'": "accountId: 'le12345678'",
      "username: '{Your Key}'": "username: 'bot'",
      "password: '{Your Key}'": "password: 'secret'",
    },
    modules: {
      request: `exports.post = ({ body }, done) => {
        const text = ['heard ' + (body.message ?? 'nothing')];
        setImmediate(() => done(null, null, { dialog_id: 'd', message: { context: {}, text } }));
      };`,
    },
  },
  // Its skills are looked up by REST, signed with OAuth 1.0a.
  connector('le-wcs-connector', async (stage, program) => {
    await program.printed('Skill Names successfully retrieved');
    const chat = await opened(stage, program);
    // It greets with an empty text.
    await hears(chat, '');
    await talks(chat, ['one', 'human']);
    await program.printed("Transfer to SkillId '8' completed");
    return chat;
  }),
  connector('google-wcs-connector', async (stage, program) => {
    await program.printed('Skills successfully loaded');
    const chat = await talks(await opened(stage, program), ['one', 'bye']);
    await chat.closed;
    return chat;
  }),
  withLogin('HerokuAgent', '64096141', 'MD_Bot', 'Password123!!!', async (stage, program) => {
    const chat = await opened(stage, program);
    await hears(chat, 'Just a second of patience');
    await talks(chat, ['one', 'two']);
    await chat.say('#close');
    await chat.closed;
    return chat;
  }),
  withLogin('TobiccsBot', '38446654', 'Tobiccs', 'Pa55w0rd99', async (stage, program) => {
    const chat = await opened(stage, program);
    await hears(chat, 'Hello, my name is TOBi');
    return closed(await talks(chat, ['one']));
  }),
  // A page sorts conversations with it: three requests in one turn, one of them with metadata.
  {
    ...withLogin('ppBot', '68283988', 'botMarco', 'Password123!!!', async (stage, program) => {
      await program.printed('321803613');
      const chat = await open(stage);
      const query = `Level1=a&Level2=b&Level3=c&yesno=yes&comments=none&convID=${chat.conversationId}&skill=Racing`;
      await fetch(`http://127.0.0.1:${PAGE_PORT}/add?${query}`);
      await program.printed('leave completed');
      return closed(chat);
    }),
    simulator: {
      accountId: '68283988',
      agents: [
        {
          username: 'botMarco',
          password: 'Password123!!!',
          appKey: '9a9d5ceb4949406db47068420b9deeb2',
          secret: 'b7cf37d050eca490',
          accessToken: 'f9a3887069314377944d65b424652359',
          accessTokenSecret: '1de4a3046f09a0b2',
        },
      ],
      skills: [{ id: '321803613', name: 'Racing' }],
    },
    env: { PORT: String(PAGE_PORT) },
  },
  {
    repository: 'lp-bot-example-transfer-agent',
    folder: '.',
    within: 'examples',
    file: 'main.js',
    env: { ACCOUNTID: 'le12345678', USERNAME: 'bot', PASSWORD: 'secret' },
    simulator: { agents: [{ username: 'bot', password: 'secret' }] },
    play: async (stage, program) => {
      const chat = await opened(stage, program);
      return closed(await says(chat, ['one']));
    },
  },
  {
    repository: 'busybeaver-node-agent-sdk',
    folder: 'examples',
    file: 'agent-bot/main.js',
    simulator: { agents: [{ username: 'bot', ...KEY }] },
    env: {
      LP_APP_KEY: KEY.appKey,
      LP_SECRET: KEY.secret,
      LP_ACCESS_TOKEN: KEY.accessToken,
      LP_ACCESS_TOKEN_SECRET: KEY.accessTokenSecret,
    },
    play: async (stage, program) => {
      const chat = await says(await opened(stage, program), ['one', 'two']);
      await chat.say('#close');
      await chat.closed;
      return chat;
    },
  },
  {
    repository: 'busybeaver-node-agent-sdk',
    folder: 'examples',
    file: 'greeting-bot.js',
    play: greets(),
  },
  {
    repository: 'hackathon2017',
    folder: 'examples',
    file: 'agent-bot/main.js',
    modules: LANGUAGE_SERVICE,
    play: async (stage, program) => closed(await opened(stage, program)),
  },
  // Its way to the conversations leads through a search in somebody's own index: it is handed one.
  {
    repository: 'close-conversations-bot',
    folder: 'close-conversation-bot',
    file: 'start.js',
    starter: `const Bot = require('./close-conversation-bot-noevent');
      const { LP_ACCOUNT: accountId, LP_USER: username, LP_PASS: password, LP_CSDS: csdsDomain } = process.env;
      const bot = new Bot({ accountId, username, password, csdsDomain });
      process.stdin.on('data', () => undefined);
      bot.once('connected', () => bot.subscribeExConversations({ convState: ['OPEN'] }));
      bot.on('cqm.ExConversationChangeNotification', ({ changes }) => changes.forEach(async ({ type, result }) => {
        if (type !== 'UPSERT' || bot.totalJoinedConvos > 0) return;
        bot.conversationsToBeClosed = [{ conversationId: result.convId }];
        console.log('closed', (await bot.closeConversations()).length, bot.totalJoinedConvos, bot.totalClosedConvos);
      }));`,
    play: async (stage, program) => {
      await stage.simulator.waitForRequest('SubscribeExConversations');
      const chat = await open(stage);
      await chat.closed;
      await program.printed('closed 1 1 1');
      return chat;
    },
  },
];
