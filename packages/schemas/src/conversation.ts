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

/** Ids by role. */
export const ParticipantsByRoleSchema = z.record(z.string(), z.array(z.string()));
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
  dialogId: z.string(),
  participantsDetails: z.array(ParticipantRecordSchema).optional(),
  dialogType: openEnum(['MAIN', 'POST_SURVEY', 'AGENTS', 'OTHER', 'PRE_CONVERSATION_OPT_IN']).optional(),
  channelType: openEnum(['MESSAGING', 'LIVE_CHAT', 'COBROWSE', 'VIDEO_CALL', 'VOICE_CALL']).optional(),
  metaData: z.looseObject({ appInstallId: optionalText }).optional(),
  state: openEnum(['OPEN', 'CLOSE']).optional(),
  creationTs: optionalTime,
  endTs: optionalTime,
  metaDataLastUpdateTs: optionalTime,
  closedBy: openEnum(['CONSUMER', 'AGENT', 'SYSTEM']).optional(),
  closedCause: optionalText,
}));
export type DialogRecord = z.infer<typeof DialogRecordSchema>;

/**
 * A conversation's own data as the server sends it. `participants` is a map of old ids on the agent socket (v2) and a
 * list of PIDs elsewhere (v3); `participantsPId` is the same map with PIDs, without the suggested agents.
 */
export const ConversationDetailsSchema = looseObject(() => ({
  convId: optionalText,
  skillId: optionalText,
  participants: z.union([ParticipantsByRoleSchema, z.array(ParticipantRecordSchema)]).optional(),
  participantsPId: ParticipantsByRoleSchema.optional(),
  dialogs: z.array(DialogRecordSchema).optional(),
  brandId: optionalText,
  state: ConversationStateSchema.optional(),
  stage: ConversationStateSchema.optional(),
  closeReason: openEnum(['AGENT', 'CONSUMER', 'SYSTEM', 'TIMEOUT']).optional(),
  startTs: optionalTime,
  endTs: optionalTime,
  metaDataLastUpdateTs: optionalTime,
  firstConversation: optionalFlag,
  csatRate: optionalNumber,
  csat: z
    .looseObject({
      field: optionalText,
      csatRate: optionalNumber,
      csatResolutionConfirmation: optionalFlag,
      status: openEnum(['FILLED', 'PARTIALLY_FILLED', 'SKIPPED', 'EMPTY']).optional(),
    })
    .optional(),
  ttr: z
    .looseObject({
      ttrType: openEnum(['CUSTOM', 'NORMAL', 'PRIORITIZED', 'URGENT']).optional(),
      value: optionalNumber,
    })
    .optional(),
  delay: z
    .looseObject({ type: openEnum(['NIGHT', 'WEEKEND', 'HOLIDAY']).optional(), tillWhen: optionalTime })
    .optional(),
  manualETTR: optionalTime,
  note: optionalText,
  groupId: optionalText,
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
  campaignInfo: z.looseObject({ campaignId: optionalNumber, engagementId: optionalNumber }).optional(),
  appInstId: optionalText,
  conversationHandlerDetails: z.looseObject({ accountId: optionalText, skillId: optionalText }).optional(),
  routingTaskId: optionalText,
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
