import * as z from 'zod';
import { ClientPropertiesSchema } from './client-properties.ts';
import { MessagingEventSchema, RoleSchema } from './events.ts';
import { looseObject } from './objects.ts';
import { type Open, openEnum, optionalFlag, optionalNumber, optionalText, optionalTime } from './primitives.ts';

export const CONVERSATION_STATES = ['OPEN', 'CLOSE', 'LOCKED', 'CLOSING'] as const;
export type ConversationState = Open<(typeof CONVERSATION_STATES)[number]>;

export const PARTICIPANT_STATES = ['ACTIVE', 'SUGGESTED'] as const;
/** `SUGGESTED`: offered to this agent, not taken yet. */
export type ParticipantState = Open<(typeof PARTICIPANT_STATES)[number]>;

const ConversationStateSchema = openEnum(CONVERSATION_STATES);

export const ParticipantsByRoleSchema = z.record(z.string(), z.array(z.string()));
/** Ids by role. */
export type ParticipantsByRole = z.infer<typeof ParticipantsByRoleSchema>;

/** A participant as it stands in a list: `id` is the old id on the agent socket (v2), the PID elsewhere (v3). */
export const ParticipantRecordSchema = looseObject(() => ({
  id: z.string(),
  role: RoleSchema,
  state: openEnum(PARTICIPANT_STATES).optional(),
}));
export type ParticipantRecord = z.infer<typeof ParticipantRecordSchema>;

/** A dialog of a conversation as the server sends it. Old conversations have dialogs without `participantsDetails`. */
export const DialogRecordSchema = looseObject(() => ({
  /** The dialog's id; the main one has that of the conversation. */
  dialogId: z.string(),
  participantsDetails: z.array(ParticipantRecordSchema).optional(),
  /** `MAIN`, or what opened beside or after it, such as `POST_SURVEY`. */
  dialogType: openEnum(['MAIN', 'POST_SURVEY', 'AGENTS', 'OTHER', 'PRE_CONVERSATION_OPT_IN']).optional(),
  /** How it is held; `MESSAGING` nearly always. */
  channelType: openEnum(['MESSAGING', 'LIVE_CHAT', 'COBROWSE', 'VIDEO_CALL', 'VOICE_CALL']).optional(),
  /** Which application the dialog is for. */
  metaData: z.looseObject({ appInstallId: optionalText }).optional(),
  /** `OPEN` or `CLOSE`. */
  state: openEnum(['OPEN', 'CLOSE']).optional(),
  /** When it was opened, in milliseconds since 1970. */
  creationTs: optionalTime,
  /** When it was closed, in milliseconds since 1970. */
  endTs: optionalTime,
  /** When its data last changed, in milliseconds since 1970. */
  metaDataLastUpdateTs: optionalTime,
  /** Who closed it. */
  closedBy: openEnum(['CONSUMER', 'AGENT', 'SYSTEM']).optional(),
  /** Why it was closed, in the platform's words. */
  closedCause: optionalText,
}));
export type DialogRecord = z.infer<typeof DialogRecordSchema>;

/**
 * A conversation's own data as the server sends it. `participants` is a map of old ids on the agent socket (v2) and a
 * list of PIDs elsewhere (v3); `participantsPId` is the same map with PIDs, without the suggested agents.
 */
export const ConversationDetailsSchema = looseObject(() => ({
  /** The conversation's id. */
  convId: optionalText,
  /** The skill that it is in; `-1` for none. */
  skillId: optionalText,
  participants: z.union([ParticipantsByRoleSchema, z.array(ParticipantRecordSchema)]).optional(),
  /** PIDs by role. */
  participantsPId: ParticipantsByRoleSchema.optional(),
  dialogs: z.array(DialogRecordSchema).optional(),
  /** The account. */
  brandId: optionalText,
  /** The main dialog's state. */
  state: ConversationStateSchema.optional(),
  /** `OPEN` until the last dialog, a survey's included, is closed. */
  stage: ConversationStateSchema.optional(),
  /** Who or what closed it. */
  closeReason: openEnum(['AGENT', 'CONSUMER', 'SYSTEM', 'TIMEOUT']).optional(),
  /** When it began, in milliseconds since 1970. */
  startTs: optionalTime,
  /** When it was closed, in milliseconds since 1970. */
  endTs: optionalTime,
  /** When its data last changed, in milliseconds since 1970. */
  metaDataLastUpdateTs: optionalTime,
  /** Whether it is the consumer's first. */
  firstConversation: optionalFlag,
  /** The consumer's rating, 1 to 5. */
  csatRate: optionalNumber,
  /** The consumer's answers to the survey. */
  csat: z
    .looseObject({
      field: optionalText,
      /** The consumer's rating, 1 to 5. */
      csatRate: optionalNumber,
      csatResolutionConfirmation: optionalFlag,
      status: openEnum(['FILLED', 'PARTIALLY_FILLED', 'SKIPPED', 'EMPTY']).optional(),
    })
    .optional(),
  /** How soon an answer is due: the kind, and the time in seconds. */
  ttr: z
    .looseObject({
      ttrType: openEnum(['CUSTOM', 'NORMAL', 'PRIORITIZED', 'URGENT']).optional(),
      value: optionalNumber,
    })
    .optional(),
  /** Why nobody answers now, and until when. */
  delay: z
    .looseObject({ type: openEnum(['NIGHT', 'WEEKEND', 'HOLIDAY']).optional(), tillWhen: optionalTime })
    .optional(),
  /** When an answer is due as an agent has set it, in milliseconds since 1970. */
  manualETTR: optionalTime,
  /** The agents' note about it. */
  note: optionalText,
  /** The group that it belongs to. */
  groupId: optionalText,
  /** Where it came from: the kind of channel, the language, the visitor. */
  context: z
    .looseObject({
      type: optionalText,
      lang: optionalText,
      name: optionalText,
      visitorId: optionalText,
      sessionId: optionalText,
      interactionContextId: optionalText,
      clientProperties: ClientPropertiesSchema.optional(),
    })
    .optional(),
  /** The campaign and engagement that it began with. */
  campaignInfo: z.looseObject({ campaignId: optionalNumber, engagementId: optionalNumber }).optional(),
  /** The application that it came through. */
  appInstId: optionalText,
  /** Who handles it, where that is not this account's own agents. */
  conversationHandlerDetails: z
    .looseObject({
      accountId: optionalText,
      /** The skill that it is in; `-1` for none. */
      skillId: optionalText,
    })
    .optional(),
  /** The task that offers it to agents. */
  routingTaskId: optionalText,
  /** When it runs out, in milliseconds since 1970. */
  expiresAt: optionalTime,
}));
export type ConversationDetailsRecord = z.infer<typeof ConversationDetailsSchema>;

/** The newest content of the main dialog. The server leaves it out at times, and leaves its audience out always. */
export const LastContentEventSchema = MessagingEventSchema.extend({ dialogId: optionalText });

/** A change of a conversation. A `DELETE` (it no longer matches the subscription) may hold the id alone. */
export const ConversationChangeSchema = looseObject(() => ({
  type: z.enum(['UPSERT', 'DELETE']),
  result: z.looseObject({
    convId: z.string(),
    effectiveTTR: optionalNumber,
    lastUpdateTime: optionalTime,
    numberOfunreadMessages: z.record(z.string(), z.number()).optional(),
    conversationDetails: ConversationDetailsSchema.optional(),
    lastContentEventNotification: LastContentEventSchema.optional(),
  }),
}));
export type ConversationChangeRecord = z.infer<typeof ConversationChangeSchema>;
