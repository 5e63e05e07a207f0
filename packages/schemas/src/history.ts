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
  /** The conversation itself: how it stands, who had it last, how it was rated. */
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
  /** What was said. */
  messageRecords: z.array(HistoryMessageSchema).optional(),
  /** Each time it went to another skill or agent, and why. */
  transfers: z
    .array(z.looseObject({ reason: openEnum(['Skill', 'Agent', 'back2Q', 'TakeOver']).optional() }))
    .optional(),
  /** The agents that took part. */
  agentParticipants: records,
  /** The consumers that took part. */
  consumerParticipants: records,
  /** The stretches in which one agent had it. */
  interactions: records,
  /** Who received and read which message, and when. */
  messageStatuses: records,
  /** How each message was scored. */
  messageScores: records,
  /** The surveys about it, with their answers. */
  conversationSurveys: records,
}));
/** A conversation as history keeps it: those of its parts that were asked for. */
export type HistoryConversation = z.infer<typeof HistoryConversationSchema>;

/** `count`: how many there are in all, on every page. */
const metadata = z.looseObject({ count: optionalNumber }).optional();

export const HistoryPageSchema = looseObject(() => ({
  _metadata: metadata,
  conversationHistoryRecords: z.array(HistoryConversationSchema),
}));
export type HistoryPage = z.infer<typeof HistoryPageSchema>;

export const ConsumerSearchSchema = strictObject(() => ({
  /** The consumer's id. */
  consumer: z.string().min(1),
  /** Only those in one of these states; default: all. */
  status,
  /** Which parts of them are given; default: as the platform has it. */
  contentToRetrieve,
}));
/** Whose conversations, and what of them. */
export type ConsumerSearch = z.infer<typeof ConsumerSearchSchema>;

export const ConversationSearchSchema = strictObject(() => ({
  /** The conversation's id. */
  conversationId: z.string().min(1),
  /** Which parts of it are given; default: as the platform has it. */
  contentToRetrieve,
}));
/** Which conversation, and what of it. */
export type ConversationSearch = z.infer<typeof ConversationSearchSchema>;

export const HistorySearchSchema = looseObject(() => ({
  /** When they began, in milliseconds since 1970: a span of at most three months. `to: -1` is until now. */
  start: z
    .strictObject({ from: time, to: time })
    .refine(({ from, to }) => Number(from) <= Number(to) || Number(to) === OPEN_END, { error: 'from before to' }),
  /** Only those in one of these states; default: all. */
  status,
  /** Which parts of them are given; default: as the platform has it. */
  contentToRetrieve,
}));
/** Which conversations, by when they began, and by any other filter of the platform. */
export type HistorySearch = z.infer<typeof HistorySearchSchema>;

export const AgentStatusSearchSchema = strictObject(() => ({
  /** Only those in one of these states, in the platform's words. */
  status: z.array(z.string()).optional(),
  /** Only these agents: the numeric part of the old id. */
  agentIds: ids,
  /** Only agents with one of these skills. */
  skillIds: ids,
  /** Only agents of one of these groups. */
  agentGroupIds: ids,
  /** The platform's default is true: only those who are logged in. */
  agentPresence: optionalFlag,
  /** Only those whose connection is in one of these states, in the platform's words. */
  connectionStates: z.array(z.string()).optional(),
}));
/** Which agents. */
export type AgentStatusSearch = z.infer<typeof AgentStatusSearchSchema>;

export const AgentStatusSchema = looseObject(() => ({
  /** `count`: how many there are in all. */
  _metadata: metadata,
  /** The account. */
  accountID: optionalText,
  /** One for each agent. */
  agentStatusRecords: z.array(z.looseObject({ agentId: optionalText, currentStatus: optionalText })),
}));
/** What agents are doing now. */
export type AgentStatus = z.infer<typeof AgentStatusSchema>;
