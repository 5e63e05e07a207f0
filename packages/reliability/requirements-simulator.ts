import type { Source } from './requirements.ts';

/** The promises of the simulator's document. */
export const simulator: Source = {
  sections: ['Options of `startSimulator`', 'Scripted consumers', 'REST', 'Faults', 'Quirks'],
  others: {
    'What it decides where the documentation says nothing':
      'facts of the simulated platform, each tested where it is built; no program may rely on them',
  },
  requirements: [
    {
      id: 'sim:port',
      says: '`port`, `host`',
      tests: {
        'simulator/test/start.test.ts': [
          'gives what an agent needs to connect',
          'rejects with the system’s error when the port is in use',
        ],
      },
    },
    {
      id: 'sim:tls',
      says: '`tls` |',
      tests: { 'simulator/test/start.test.ts': ['serves TLS to who trusts its authority, and to nobody else'] },
    },
    {
      id: 'sim:account',
      says: '`accountId` |',
      tests: {
        'simulator/test/look-up.test.ts': [
          'answers an unknown service, a foreign account and a malformed account with the error object',
        ],
      },
    },
    {
      id: 'sim:agents',
      says: '`agents` | one',
      tests: { 'simulator/test/start.test.ts': ['keeps what an agent is given'] },
    },
    {
      id: 'sim:skills',
      says: '`skills` | none',
      tests: {
        'simulator/test/routing.test.ts': ['goes to agents with the skill, and to those without a list of skills'],
      },
    },
    {
      id: 'sim:apps',
      says: '`apps` | one',
      tests: {
        'simulator/test/connector.test.ts': ['are one with credentials of its own, the same for the same seed'],
      },
    },
    {
      id: 'sim:webhooks',
      says: '`webhooks` | none',
      tests: {
        'simulator/test/webhooks.test.ts': [
          'names the account and the app, and signs what it posts with the app’s secret',
          'is tried again after half a minute, as often as told',
        ],
      },
    },
    {
      id: 'sim:seed',
      says: '`seed` | 1',
      tests: {
        'simulator/test/start.test.ts': ['makes the same agents from the same seed, and others from another'],
        'simulator/test/faults.test.ts': ['lose notifications, some of them, the same ones for the same seed'],
      },
    },
    {
      id: 'sim:idle',
      says: '`idleTimeoutMs`',
      tests: {
        'simulator/test/agent-socket.test.ts': [
          'closes when nothing comes for longer than its limit, and not while pings come',
        ],
      },
    },
    {
      id: 'sim:cap',
      says: '`maxConversationsPerNotification`',
      tests: {
        'simulator/test/subscriptions.test.ts': [
          'takes the newest up to the cap, and the older ones by a second subscription',
        ],
      },
    },
    {
      id: 'sim:web',
      says: '`web` | `false`',
      tests: { 'simulator/test/web/access.test.ts': ['is there with the option web only'] },
    },
    {
      id: 'sim:quirks',
      says: '`quirks` | see below',
      tests: { 'simulator/test/quirks.test.ts': ['give ids back as numbers'] },
    },
    {
      id: 'sim:clock',
      says: "`clock` | the machine's",
      tests: { 'e2e/test/docs/programs.test.ts': ['docs/testing-your-bot.md: a manual clock works for both sides'] },
    },
    {
      id: 'consumer:start',
      says: '`startConversation(',
      tests: {
        'simulator/test/conversation.test.ts': [
          'rings at an available agent, is assigned on acceptance, carries messages both ways and closes',
        ],
      },
    },
    {
      id: 'consumer:say',
      says: '`chat.say(',
      tests: { 'simulator/test/simulated-consumer.test.ts': ['keeps a transcript of all that was said'] },
    },
    {
      id: 'consumer:next',
      says: '`chat.next(',
      tests: {
        'simulator/test/simulated-consumer.test.ts': [
          'gives each message of somebody else once, in order, whenever it is asked for',
          'says what it saw when no message comes, without what was said',
        ],
      },
    },
    {
      id: 'consumer:event',
      says: '`chat.waitForEvent(',
      tests: {
        'simulator/test/simulated-consumer.test.ts': ['types, and marks as arrived and as read what others said'],
      },
    },
    {
      id: 'consumer:typing',
      says: '`chat.typing()`',
      tests: {
        'simulator/test/simulated-consumer.test.ts': ['types, and marks as arrived and as read what others said'],
      },
    },
    {
      id: 'consumer:click',
      says: '`chat.click(',
      tests: {
        'simulator/test/simulated-consumer.test.ts': [
          'presses quick replies and buttons: a mark with their metadata, then the text with it',
        ],
      },
    },
    {
      id: 'consumer:file',
      says: '`chat.sendFile(',
      tests: { 'simulator/test/files.test.ts': ['gives an agent the file that a consumer shares'] },
    },
    {
      id: 'consumer:rate',
      says: '`chat.rate(',
      tests: { 'simulator/test/simulated-consumer.test.ts': ['is rated and closed'] },
    },
    {
      id: 'consumer:transcript',
      says: '`chat.transcript`',
      tests: { 'simulator/test/simulated-consumer.test.ts': ['keeps a transcript of all that was said'] },
    },
    {
      id: 'rest:look-up',
      says: 'look-up | all',
      tests: {
        'simulator/test/look-up.test.ts': [
          'lists every service at the one bare host',
          'gives one service by its name, on both paths',
          'calls the function a script tag names, and no other text',
        ],
      },
    },
    {
      id: 'rest:login',
      says: 'login | password',
      tests: {
        'simulator/test/login.test.ts': [
          'accepts a complete API key, and a SAML assertion',
          'is refreshed by the cookie, in any case, and the csrf token: with an empty answer',
          'ends by logging out',
        ],
      },
    },
    {
      id: 'rest:consumer-tokens',
      says: 'tokens of consumers |',
      tests: {
        'simulator/test/tokens.test.ts': [
          'is the same consumer’s for every token of the brand that names the same subject',
          'steps up from an unknown consumer to a known one',
          'is given to a script tag by a call of its function',
        ],
      },
    },
    {
      id: 'rest:app-tokens',
      says: 'tokens of apps |',
      tests: {
        'simulator/test/tokens.test.ts': ['can be checked by everybody with the public keys, which name no account'],
      },
    },
    {
      id: 'rest:messaging',
      says: 'messaging REST |',
      tests: { 'simulator/test/messaging-rest.test.ts': ['is shown as the notifications show it, with a tag'] },
    },
    {
      id: 'rest:send',
      says: 'send API |',
      tests: {
        'simulator/test/connector.test.ts': [
          'opens a conversation with a batch of two requests, each answered under its id',
          'are refused until the second is over',
        ],
      },
    },
    {
      id: 'rest:webhooks',
      says: 'webhooks | what is posted',
      tests: {
        'simulator/test/webhooks.test.ts': [
          'names the account and the app, and signs what it posts with the app’s secret',
        ],
      },
    },
    {
      id: 'rest:files',
      says: 'files | storage',
      tests: { 'simulator/test/files.test.ts': ['takes a file under a signed path and gives it back under another'] },
    },
    {
      id: 'rest:survey',
      says: 'agent survey |',
      tests: {
        'simulator/test/agent-survey.test.ts': [
          'comes one sequence at a time, each partial until the last',
          'tells on each change when it was, and a revision that differs',
        ],
      },
    },
    {
      id: 'rest:history',
      says: 'history | search',
      tests: {
        'simulator/test/rest.test.ts': [
          'searches by consumer, status, skill and time, page by page',
          'gives a consumer the own messages, for the own token',
        ],
      },
    },
    {
      id: 'rest:reports',
      says: 'reports |',
      tests: {
        'simulator/test/reporting.test.ts': [
          'tell who waits for whom, of the account and of each agent',
          'are counted by skill and agent, asked for in a body as well',
        ],
      },
    },
    {
      id: 'rest:configuration',
      says: 'account configuration |',
      tests: {
        'simulator/test/reporting.test.ts': [
          'lists the skills that are described, and gives each',
          'gives consumers an agent’s public profile by PID, without a token',
        ],
      },
    },
    {
      id: 'fault:now',
      says: '`dropAll()`, `closeWith(code)`',
      tests: {
        'simulator/test/faults.test.ts': [
          'drop sockets without a close frame',
          'close with %i',
          'expire the token of one agent and keep the sockets',
        ],
      },
    },
    {
      id: 'fault:gone',
      says: '`freeze()`: open sockets',
      tests: {
        'simulator/test/faults.test.ts': [
          'freeze sockets that are open: no answer, no pong; then everything arrives',
          'take the platform away, with nothing lost when it is back',
          'leave the upgrade without an answer until they are cleared',
        ],
      },
    },
    {
      id: 'fault:frames',
      says: '`delay(ms)`, `lateAnswers(ms)`',
      tests: {
        'simulator/test/faults.test.ts': [
          'delay everything, in order',
          'answer late, while notifications are on time',
          'carry requests out and never answer them, by type and as often as told',
          'send notifications twice',
          'send notifications in another order, and none less',
          'cut notifications off',
          'leave the last message out of conversations',
        ],
      },
    },
    {
      id: 'fault:refusals',
      says: '`failRequests(type, code)`',
      tests: {
        'simulator/test/faults.test.ts': [
          'refuse requests of a type without carrying them out',
          'fail the login with a status, as often as told',
          'fail the look-up',
          'refuse the upgrade of one agent',
        ],
      },
    },
    {
      id: 'quirk:bounds',
      says: '`queryBounds`',
      tests: { 'simulator/test/messages.test.ts': ['holds its own page size and includes the bounds where told so'] },
    },
    {
      id: 'quirk:page',
      says: '`queryPageSize`',
      tests: { 'simulator/test/messages.test.ts': ['holds its own page size and includes the bounds where told so'] },
    },
    {
      id: 'quirk:ring-on',
      says: '`ringOn`',
      tests: { 'simulator/test/routing.test.ts': ['waits for the first message where told so'] },
    },
    {
      id: 'quirk:ring-times',
      says: '`ringExpirationMs`',
      tests: {
        'simulator/test/quirks.test.ts': ['end a ring without a DELETE, and after a time of one’s own'],
        'simulator/test/routing.test.ts': ['is offered again after a while when everybody has rejected it'],
      },
    },
    {
      id: 'quirk:ring-delete',
      says: '`ringDelete`',
      tests: { 'simulator/test/quirks.test.ts': ['end a ring without a DELETE, and after a time of one’s own'] },
    },
    {
      id: 'quirk:last-event',
      says: '`omitLastContentEvent` | 0',
      tests: { 'simulator/test/quirks.test.ts': ['leave the last message out of a share of conversations'] },
    },
    {
      id: 'quirk:order',
      says: '`notificationOrder`',
      tests: { 'simulator/test/quirks.test.ts': ['send the conversation before the event'] },
    },
    {
      id: 'quirk:answers',
      says: '`answerOrder`',
      tests: { 'simulator/test/quirks.test.ts': ['answer after what the request has caused'] },
    },
    { id: 'quirk:ids', says: '`numericIds`', tests: { 'simulator/test/quirks.test.ts': ['give ids back as numbers'] } },
    {
      id: 'quirk:bare',
      says: '`bareElements`',
      tests: { 'simulator/test/quirks.test.ts': ['send a list of one as its element'] },
    },
    {
      id: 'quirk:extra',
      says: '`extraFields`',
      tests: { 'simulator/test/quirks.test.ts': ['add fields nobody knows'] },
    },
    { id: 'quirk:pid', says: '`participantsPId` |', tests: { 'simulator/test/quirks.test.ts': ['show PIDs %s'] } },
    {
      id: 'quirk:newer',
      says: '`newerEventFields`',
      tests: { 'simulator/test/quirks.test.ts': ['send the fewer fields of older servers'] },
    },
    {
      id: 'quirk:echo',
      says: '`chatStateEcho`',
      tests: { 'simulator/test/quirks.test.ts': ['keep typing states from their sender'] },
    },
    {
      id: 'quirk:dialogs',
      says: '`dialogOrder`',
      tests: { 'simulator/test/quirks.test.ts': ['show the main dialog first'] },
    },
    {
      id: 'quirk:rate',
      says: '`rateLimit`',
      tests: {
        'simulator/test/wire-details.test.ts': [
          'are answered with 429 and a text, until the second is over',
          'of REST are refused by status, and consumers’ sockets are spared',
        ],
      },
    },
    {
      id: 'quirk:unauthenticated',
      says: '`unauthenticatedMessaging`',
      tests: {
        'simulator/test/tokens.test.ts': ['is only for known consumers where unauthenticated messaging is off'],
      },
    },
  ],
};
