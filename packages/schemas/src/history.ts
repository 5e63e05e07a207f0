import * as z from 'zod';
import { looseObject, strictObject } from './objects.ts';
import { openEnum, optionalFlag, optionalNumber, optionalText, optionalTime } from './primitives.ts';

const record = z.looseObject({});
const records = z.array(record).optional();
const status = z.array(z.enum(['OPEN', 'CLOSE'])).optional();
/** Numbers or their digits: the platform takes both, and gives out texts. */
const ids = z.array(z.union([z.string(), z.number()])).optional();
const time = z.union([z.number(), z.string().regex(/^-?\d+$/)]);
/** An end of a span that is not there yet. */
const OPEN_END = -1;

/** The parts of a conversation that history is asked for; the platform knows others before they stand here. */
export const HISTORY_CONTENT = [
  'campaign',
  'messageRecords',
  'agentParticipants',
  'agentParticipantsLeave',
  'agentParticipantsActive',
  'consumerParticipants',
  'transfers',
  'interactions',
  'messageScores',
  'messageStatuses',
  'conversationSurveys',
  'coBrowseSessions',
  'summary',
  'sdes',
  'unAuthSdes',
  'monitoring',
  'dialogs',
  'responseTime',
  'skillChanges',
  'intents',
  'uniqueIntents',
  'latestAgentSurvey',
  'previouslySubmittedAgentSurveys',
] as const;

const contentToRetrieve = z.array(openEnum(HISTORY_CONTENT)).optional();

/** A message as history keeps it. Its sequence has gaps. */
export const HistoryMessageSchema = looseObject(() => ({
  type: optionalText,
  messageData: record.optional(),
  messageId: optionalText,
  seq: optionalNumber,
  dialogId: optionalText,
  participantId: optionalText,
  sentBy: openEnum(['Agent', 'Consumer', 'System']).optional(),
  contextData: z.looseObject({ rawMetadata: optionalText, structuredMetadata: records }).optional(),
}));
export type HistoryMessage = z.infer<typeof HistoryMessageSchema>;

/** A conversation as history keeps it. Agent ids are the numeric part of the old id. */
export const HistoryConversationSchema = looseObject(() => ({
  info: z.looseObject({
    conversationId: z.string(),
    brandId: optionalText,
    status: openEnum(['OPEN', 'CLOSE']).optional(),
    startTimeL: optionalTime,
    endTimeL: optionalTime,
    latestSkillId: optionalText,
    latestAgentId: optionalText,
    mcs: optionalNumber,
    alertedMCS: optionalNumber,
    closeReason: optionalText,
    closeReasonDescription: optionalText,
    csatRate: optionalNumber,
    latestQueueState: openEnum(['IN_QUEUE', 'ACTIVE']).optional(),
    isPartial: optionalFlag,
  }),
  messageRecords: z.array(HistoryMessageSchema).optional(),
  transfers: z
    .array(z.looseObject({ reason: openEnum(['Skill', 'Agent', 'back2Q', 'TakeOver']).optional() }))
    .optional(),
  agentParticipants: records,
  consumerParticipants: records,
  interactions: records,
  messageStatuses: records,
  messageScores: records,
  conversationSurveys: records,
}));
export type HistoryConversation = z.infer<typeof HistoryConversationSchema>;

/** `count`: how many there are in all, on every page. */
const metadata = z.looseObject({ count: optionalNumber }).optional();

export const HistoryPageSchema = looseObject(() => ({
  _metadata: metadata,
  conversationHistoryRecords: z.array(HistoryConversationSchema),
}));
export type HistoryPage = z.infer<typeof HistoryPageSchema>;

/** Whose conversations, and what of them. */
export const ConsumerSearchSchema = strictObject(() => ({ consumer: z.string().min(1), status, contentToRetrieve }));
export type ConsumerSearch = z.infer<typeof ConsumerSearchSchema>;

/** Which conversation, and what of it. */
export const ConversationSearchSchema = strictObject(() => ({ conversationId: z.string().min(1), contentToRetrieve }));
export type ConversationSearch = z.infer<typeof ConversationSearchSchema>;

/** Which conversations, by when they began (at most three months; `to: -1` is until now) and any filter of the platform. */
export const HistorySearchSchema = looseObject(() => ({
  start: z
    .strictObject({ from: time, to: time })
    .refine(({ from, to }) => Number(from) <= Number(to) || Number(to) === OPEN_END, { error: 'from before to' }),
  status,
  contentToRetrieve,
}));
export type HistorySearch = z.infer<typeof HistorySearchSchema>;

/** Which agents. Ids are the numeric part of the old id. */
export const AgentStatusSearchSchema = strictObject(() => ({
  status: z.array(z.string()).optional(),
  agentIds: ids,
  skillIds: ids,
  agentGroupIds: ids,
  agentPresence: optionalFlag,
  connectionStates: z.array(z.string()).optional(),
}));
export type AgentStatusSearch = z.infer<typeof AgentStatusSearchSchema>;

/** What agents are doing now. */
export const AgentStatusSchema = looseObject(() => ({
  _metadata: metadata,
  accountID: optionalText,
  agentStatusRecords: z.array(z.looseObject({ agentId: optionalText, currentStatus: optionalText })),
}));
export type AgentStatus = z.infer<typeof AgentStatusSchema>;
