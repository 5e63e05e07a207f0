import { OWN_PID, OWN_USER } from './raw-platform.ts';

export const OWN_OLD_ID = `le4711.${OWN_USER}`;
const DIALOG = 'dialog-1';

/** A message as the platform pushes it. */
export const message = (sequence: number, changes: object = {}): object => ({
  sequence,
  originatorClientProperties: { type: '.ClientProperties', deviceFamily: 'DESKTOP' },
  originatorId: 'consumer-1',
  originatorPId: 'consumer-1',
  originatorMetadata: { id: 'consumer-1', role: 'CONSUMER' },
  serverTimestamp: 1_500_000_000_000 + sequence,
  event: { type: 'ContentEvent', message: `message ${sequence}`, contentType: 'text/plain' },
  conversationId: DIALOG,
  dialogId: DIALOG,
  ...changes,
});

/** A message of this agent. */
export const ownMessage = (sequence: number): object =>
  message(sequence, { originatorId: OWN_OLD_ID, originatorPId: OWN_PID });

/** A conversation's details as the platform sends them. */
export const details = (changes: object = {}): object => ({
  convId: DIALOG,
  skillId: '7',
  participants: {
    CONSUMER: ['consumer-1'],
    MANAGER: ['le4711.1', 'le4711.2'],
    ASSIGNED_AGENT: [OWN_OLD_ID],
    READER: [],
  },
  participantsPId: { CONSUMER: ['consumer-1'], MANAGER: ['pid-1', 'pid-2'], ASSIGNED_AGENT: [OWN_PID], READER: [] },
  dialogs: [
    {
      dialogId: DIALOG,
      participantsDetails: [
        { id: 'consumer-1', role: 'CONSUMER', state: 'ACTIVE' },
        { id: 'le4711.1', role: 'MANAGER', state: 'ACTIVE' },
        { id: OWN_OLD_ID, role: 'ASSIGNED_AGENT', state: 'ACTIVE' },
        { id: 'le4711.2', role: 'MANAGER', state: 'ACTIVE' },
      ],
      dialogType: 'MAIN',
      channelType: 'MESSAGING',
      state: 'OPEN',
    },
  ],
  state: 'OPEN',
  csatRate: 0,
  note: '',
  groupId: '',
  startTs: 1_500_000_000_000,
  context: { type: 'CustomContext', name: 'web' },
  ...changes,
});

/** A change of a conversation as the platform sends it. */
export const change = (changedDetails: object = {}, type = 'UPSERT'): object => ({
  type,
  result: {
    convId: DIALOG,
    effectiveTTR: -1,
    conversationDetails: details(changedDetails),
    numberOfunreadMessages: { 'consumer-1': 1 },
    lastUpdateTime: 1_500_000_000_000,
  },
});

const ring = {
  ringId: 'ring-1',
  ringState: 'WAITING',
  brandId: 'le4711',
  convId: DIALOG,
  consumerId: 'consumer-1',
  skillId: '7',
  weight: 0,
  ringExpiration: 72_000,
};

/** Notifications by what they show. Those that the old transformer throws at are in {@link UNREADABLE}. */
export const NOTIFICATIONS: Readonly<Record<string, { type: string; body?: unknown }>> = {
  conversation: {
    type: '.ams.aam.ExConversationChangeNotification',
    body: { subscriptionId: 's', changes: [change()] },
  },
  'no changes': {
    type: '.ams.aam.ExConversationChangeNotification',
    body: { subscriptionId: 's', sentTs: 1, changes: [] },
  },
  'a change without a result': {
    type: '.ams.aam.ExConversationChangeNotification',
    body: { changes: [null, { type: 'DELETE' }] },
  },
  'a conversation of others': {
    type: '.ams.aam.ExConversationChangeNotification',
    body: {
      changes: [
        change({ participants: { CONSUMER: ['consumer-1'] }, participantsPId: { CONSUMER: ['consumer-1'] } }, 'DELETE'),
      ],
    },
  },
  'two roles of one’s own': {
    type: '.ams.aam.ExConversationChangeNotification',
    body: {
      changes: [
        change({
          participants: { READER: [OWN_OLD_ID], CONSUMER: ['consumer-1'], MANAGER: [OWN_OLD_ID] },
          participantsPId: { READER: [OWN_PID], CONSUMER: ['consumer-1'], MANAGER: [OWN_PID] },
        }),
      ],
    },
  },
  'a suggested agent': {
    type: '.ams.aam.ExConversationChangeNotification',
    body: {
      changes: [
        change({
          participantsPId: { CONSUMER: ['consumer-1'] },
          dialogs: [
            {
              dialogId: DIALOG,
              channelType: 'MESSAGING',
              participantsDetails: [
                { id: 'consumer-1', role: 'CONSUMER', state: 'ACTIVE' },
                { id: OWN_OLD_ID, role: 'ASSIGNED_AGENT', state: 'SUGGESTED' },
              ],
            },
          ],
        }),
      ],
    },
  },
  'more in a dialog than in the conversation, and a role without PIDs': {
    type: '.ams.aam.ExConversationChangeNotification',
    body: { changes: [change({ participantsPId: { CONSUMER: [], MANAGER: ['pid-1'] } })] },
  },
  message: { type: '.ams.ms.OnlineEventDistribution', body: message(3) },
  'a message of one’s own': { type: '.ams.ms.OnlineEventDistribution', body: ownMessage(4) },
  'a message without an event': { type: '.ams.ms.OnlineEventDistribution', body: message(5, { event: undefined }) },
  'a message without a PID': {
    type: '.ams.ms.OnlineEventDistribution',
    body: message(6, { originatorPId: undefined }),
  },
  ring: {
    type: '.ams.routing.RoutingTaskNotification',
    body: {
      subscriptionId: 's',
      changes: [
        {
          type: 'UPSERT',
          result: {
            routingTaskId: 'r',
            assignedAgentId: 'a',
            brandId: 'b',
            conversationId: DIALOG,
            skillId: '7',
            ringsDetails: [ring, ring],
          },
        },
      ],
    },
  },
  'a ring of old': { type: '.ams.routing.RingUpdated', body: { ringId: 'ring-1' } },
  'an agent’s state': {
    type: '.ams.routing.AgentStateNotification',
    body: {
      changes: [
        { type: 'UPSERT', result: { channels: ['MESSAGING'], availability: 'ONLINE', agentUserId: OWN_OLD_ID } },
      ],
    },
  },
  'a type that nobody knows': { type: '.ams.new.Notification', body: { some: ['thing'] } },
  'a type without a body': { type: '.ams.new.Empty' },
};

/** What the older of the two old packages cannot read, and the newer warns of. */
export const ODD_DIALOGS = {
  type: '.ams.aam.ExConversationChangeNotification',
  body: {
    changes: [
      change({
        dialogs: [
          { dialogId: 'd-1', channelType: 'COBROWSE' },
          { dialogId: 'd-2', channelType: 'VOICE_CALL', participantsDetails: [] },
          { dialogId: 'd-3' },
        ],
      }),
    ],
  },
};

/** Notifications with a part that cannot be read. */
export const UNREADABLE: Readonly<Record<string, { type: string; body?: unknown }>> = {
  'no body': { type: '.ams.aam.ExConversationChangeNotification' },
  'no changes at all': { type: '.ams.routing.RoutingTaskNotification', body: {} },
  'no PIDs': {
    type: '.ams.aam.ExConversationChangeNotification',
    body: { changes: [change({ participantsPId: undefined, dialogs: [] })] },
  },
  'no dialogs': {
    type: '.ams.aam.ExConversationChangeNotification',
    body: { changes: [change({ dialogs: undefined })] },
  },
  'an UPSERT of an id alone': {
    type: '.ams.aam.ExConversationChangeNotification',
    body: { changes: [{ type: 'UPSERT', result: { convId: 'c' } }] },
  },
  'no rings': { type: '.ams.routing.RoutingTaskNotification', body: { changes: [{ type: 'UPSERT', result: {} }] } },
  'no state': { type: '.ams.routing.AgentStateNotification', body: { changes: [{ type: 'UPSERT' }] } },
  'no message': { type: '.ams.ms.OnlineEventDistribution' },
};
