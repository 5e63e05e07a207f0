import { createTemplate } from './template.ts';

export const ACCOUNT = 'le12345678';

/** A bot user, in both of the platform's id spaces. */
export interface User {
  readonly userId: string;
  readonly oldId: string;
  readonly pid: string;
}

/** The user who logs in as `bench-{index}`. */
export function userOf(index: number): User {
  const userId = String(488_529_000 + index);
  return { userId, oldId: `${ACCOUNT}.${userId}`, pid: `1edc8c5c-5064-4df3-890e-1b25490e${padZero(index, 4)}` };
}

const padZero = (value: number, width: number): string => String(value).padStart(width, '0');

const CONVERSATION = '00000000-0000-4000-8000-999999999999';
const CONSUMER = 'cffd6b52cccaf5966a33286a5c196c278d011df13c57eb7280308472a76999dd';
const CONSUMER_PAIR = { oldId: CONSUMER, pid: CONSUMER };
const SEQUENCE = '987654';
const TIME = '1769463151775';
const MARK = 'm-99999-99999';

/** The id of a conversation and of its main dialog. */
export const conversationId = (index: number): string => `00000000-0000-4000-8000-${padZero(index, 12)}`;

/** What tells a consumer's message from all others; stands in its text. */
export const markOf = (conversation: number, message: number): string =>
  `m-${padZero(conversation, 5)}-${padZero(message, 5)}`;

/** A number as it stands in a frame: blanks before it are nothing to JSON, and keep every frame of a kind equally long. */
export const padded = (sequence: number): string => String(sequence).padStart(6);

export const timestamp = (index: number): string => String(Number(TIME) + index);

const clientProperties = {
  type: '.ClientProperties',
  appId: 'webAsync',
  appVersion: '1.0.220',
  ipAddress: '192.0.2.99',
  deviceFamily: 'DESKTOP',
  os: 'WINDOWS',
  osVersion: '10',
  integration: 'WEB_SDK',
  integrationVersion: '3.0.61',
  timeZone: 'Europe/Athens',
  features: ['PHOTO_SHARING', 'CO_BROWSE', 'QUICK_REPLIES', 'AUTO_MESSAGES', 'MULTI_DIALOG', 'FILE_SHARING'],
};

const words = 'my parcel has not come yet, and the page says that it was left with a neighbour; where is it now?';

function consumerEvent(text: string, properties: object | undefined = clientProperties): object {
  return {
    sequence: Number(SEQUENCE),
    originatorClientProperties: properties,
    originatorId: CONSUMER,
    originatorPId: CONSUMER,
    originatorMetadata: { id: CONSUMER, role: 'CONSUMER', clientProperties: properties },
    serverTimestamp: Number(TIME),
    event: { type: 'ContentEvent', message: text, contentType: 'text/plain' },
    conversationId: CONVERSATION,
    dialogId: CONVERSATION,
  };
}

/** A consumer's message as a conversation's notification repeats it. */
const lastSaid = consumerEvent(`${MARK} ${words}`, { type: '.ClientProperties' });

function agentEvent({ oldId, pid }: User, event: object): object {
  const properties = { type: '.ClientProperties', ipAddress: '192.0.2.99' };
  return {
    sequence: Number(SEQUENCE),
    originatorClientProperties: properties,
    originatorId: oldId,
    originatorPId: pid,
    originatorMetadata: { id: pid, role: 'ASSIGNED_AGENT', clientProperties: properties },
    serverTimestamp: Number(TIME),
    event,
    conversationId: CONVERSATION,
    dialogId: CONVERSATION,
  };
}

const distribution = (body: object) => ({ kind: 'notification', type: '.ams.ms.OnlineEventDistribution', body });

const event = { conversation: CONVERSATION, sequence: SEQUENCE, time: TIME };

/** A consumer's message of about 1.4 kB, as the agents' socket brings it. */
export const consumerMessage = createTemplate(distribution(consumerEvent(`${MARK} ${words}`)), {
  ...event,
  mark: MARK,
});

/** What the platform tells one user of his own conversations. */
export function framesOf(user: User) {
  const echo = { type: 'ContentEvent', message: `echo: ${MARK} ${words}`, contentType: 'text/plain' };
  const read = { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [777_777] };
  const parties = { CONSUMER: [CONSUMER_PAIR], ASSIGNED_AGENT: [user], READER: [] };
  return {
    /** The agent's own message, as it comes back to it. */
    agentMessage: createTemplate(distribution(agentEvent(user, echo)), { ...event, mark: MARK }),
    /** The agent's own read mark, as it comes back to it. */
    agentRead: createTemplate(distribution(agentEvent(user, read)), { ...event, read: '777777' }),
    /** One conversation's notification of about 2.5 kB. */
    conversationNotification: changeTemplate(parties, lastSaid),
    /** The same after the agent's own message. */
    answeredNotification: changeTemplate(parties, agentEvent(user, echo)),
  };
}

/** The same of a conversation of others: ids whose pairs nothing has told. */
export const foreignNotification = changeTemplate(
  { CONSUMER: [CONSUMER_PAIR], ASSIGNED_AGENT: [userOf(700)], MANAGER: [userOf(800)] },
  lastSaid,
);

/** Who takes part, by role. */
type Parties = Readonly<Record<string, readonly Pick<User, 'oldId' | 'pid'>[]>>;

/** The result of one conversation's change, with its last message. */
function conversationChange(id: string, parties: Parties, time: number, last: object | undefined): object {
  const roles = Object.entries(parties);
  return {
    type: 'UPSERT',
    result: {
      convId: id,
      effectiveTTR: 1_200_000,
      conversationDetails: {
        convId: id,
        skillId: '1553083735',
        participants: Object.fromEntries(roles.map(([role, users]) => [role, users.map(({ oldId }) => oldId)])),
        participantsPId: Object.fromEntries(roles.map(([role, users]) => [role, users.map(({ pid }) => pid)])),
        dialogs: [
          {
            dialogId: id,
            participantsDetails: roles.flatMap(([role, users]) =>
              users.map(({ oldId }) => ({ id: oldId, role, state: 'ACTIVE' })),
            ),
            dialogType: 'MAIN',
            channelType: 'MESSAGING',
            state: 'OPEN',
            creationTs: 1_769_460_000_000,
            metaDataLastUpdateTs: time,
          },
        ],
        brandId: ACCOUNT,
        state: 'OPEN',
        stage: 'OPEN',
        startTs: 1_769_460_000_000,
        metaDataLastUpdateTs: time,
        firstConversation: false,
        csatRate: 0,
        ttr: { ttrType: 'NORMAL', value: 1200 },
        note: '',
        context: {
          type: 'SharkContext',
          lang: 'en-US',
          clientProperties: { type: '.ClientProperties', appId: 'webAsync', ipAddress: '192.0.2.99' },
          visitorId: 'A0MDRlODU1ZDZhMWNkNjRh',
          sessionId: 'XUkSKZqyTPuKm_VTOABKwg',
          interactionContextId: '2',
        },
        campaignInfo: { campaignId: 1_418_574_530, engagementId: 1_418_574_730 },
        conversationHandlerDetails: { accountId: ACCOUNT, skillId: '1553083735' },
      },
      numberOfunreadMessages: { [CONSUMER]: 0, [parties['ASSIGNED_AGENT']?.[0]?.oldId ?? '']: 1 },
      lastUpdateTime: time,
      lastContentEventNotification: last,
    },
  };
}

function changeTemplate(parties: Parties, last: object) {
  const body = {
    subscriptionId: 'e8ab7a66-94ad-4b2e-8d82-348975ff4ef3',
    sentTs: Number(TIME),
    changes: [conversationChange(CONVERSATION, parties, Number(TIME), last)],
  };
  return createTemplate(
    { kind: 'notification', type: '.ams.aam.ExConversationChangeNotification', body },
    { ...event, mark: MARK },
  );
}

/** A notification of a new subscription, for a part of its conversations. */
export function firstNotification(
  user: User,
  {
    subscriptionId,
    from,
    to,
    lastSequence,
  }: { subscriptionId: string; from: number; to: number; lastSequence: number },
): string {
  const parties = { CONSUMER: [CONSUMER_PAIR], ASSIGNED_AGENT: [user], READER: [] };
  const changes = [];
  for (let index = from; index < to; index++) {
    const last = record(
      index,
      lastSequence,
      consumerEvent(`${markOf(index, 0)} ${words}`, { type: '.ClientProperties' }),
    );
    const shown = lastSequence < 0 ? undefined : last;
    changes.push(conversationChange(conversationId(index), parties, Number(timestamp(index)), shown));
  }
  const body = { subscriptionId, sentTs: Number(TIME), changes };
  return JSON.stringify({ kind: 'notification', type: '.ams.aam.ExConversationChangeNotification', body });
}

/** A conversation's history: messages that were answered and marked read, and one that was not, with number `length - 1`. */
export function historyOf(user: User, index: number, length: number): object[] {
  const records = [];
  for (let sequence = 0; sequence < length - 1; sequence += 3) {
    const read = { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [sequence] };
    const earlier = { type: 'ContentEvent', message: `an earlier answer to it`, contentType: 'text/plain' };
    records.push(
      record(index, sequence, consumerEvent(`an earlier question, and ${words}`)),
      record(index, sequence + 1, agentEvent(user, read)),
      record(index, sequence + 2, agentEvent(user, earlier)),
    );
  }
  return [...records, record(index, length - 1, consumerEvent(`${markOf(index, 0)} ${words}`))];
}

function record(index: number, sequence: number, event: object): object {
  const id = conversationId(index);
  return { ...event, sequence, conversationId: id, dialogId: id };
}
