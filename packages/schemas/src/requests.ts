import * as z from 'zod';
import { ConversationFieldSchema } from './conversation-fields.ts';
import { AUDIENCES } from './events.ts';
import { looseObject, type OpenFields, strictObject } from './objects.ts';
import { PublishableEventSchema } from './outbound-events.ts';
import { optionalNumber, optionalText } from './primitives.ts';
import { AVAILABILITIES, RING_STATES } from './routing.ts';

const id = z.string().min(1);
const ids = z.array(id);
const sequence = z.int();
const time = z.number().min(0);
const conversationState = z.enum(['OPEN', 'CLOSE', 'LOCKED']);
const channelType = z.literal('MESSAGING');

export const EmptyBodySchema = z.strictObject({});

const conversationFilter = {
  /** Only conversations in these states. */
  convState: z.array(conversationState).optional(),
  /** Only conversations at these stages. */
  stage: z.array(conversationState).optional(),
  /** Only those of these agents, by PID or old id. Left out: of every agent that may be seen. */
  agentIds: ids.optional(),
  /** The account. */
  brandId: id.optional(),
  /** Only those of this consumer. */
  consumerId: id.optional(),
  /** Only this one. */
  conversationId: id.optional(),
  /** Only those with dialogs of these kinds. */
  dialogTypes: z.array(z.string()).optional(),
  /** Only those that changed at or after this time, in milliseconds since 1970. */
  minLastUpdatedTime: time.optional(),
  /** Only those that changed at or before this time, in milliseconds since 1970. */
  maxLastUpdatedTime: time.optional(),
  /** Only those of these groups. */
  groupIds: ids.optional(),
  /** Only those whose answer is due before this time, in milliseconds since 1970. */
  maxETTR: optionalNumber,
  /** Only those in these skills, by id. */
  skills: ids.optional(),
};
export const SubscribeExConversationsBodySchema = strictObject(() => conversationFilter);
export const UpdateExConversationSubscriptionBodySchema = strictObject(() => ({
  /** The subscription to change. */
  subscriptionId: id,
  ...conversationFilter,
}));
export const UnsubscribeExConversationsBodySchema = strictObject(() => ({
  /** The subscription to end. */
  subscriptionId: id,
}));

export const SubscribeAgentsStateBodySchema = strictObject(() => ({
  /** The account. */
  brandId: id,
  /** The agent whose state is wanted. */
  agentId: id,
}));

const routingFilter = {
  /** The account. */
  brandId: id,
  /** The agent whose rings are wanted. */
  agentId: id,
  /** Only those of this skill. */
  skillId: id.optional(),
  /** Only those of this conversation. */
  conversationId: id.optional(),
};
export const SubscribeRoutingTasksBodySchema = strictObject(() => ({
  /** `MESSAGING`. */
  channelType,
  ...routingFilter,
}));
export const UpdateRoutingTaskSubscriptionBodySchema = strictObject(() => ({
  /** The subscription to change. */
  subscriptionId: id,
  /** `MESSAGING`. */
  channelType: channelType.optional(),
  ...routingFilter,
}));

const messageBounds = {
  /** The dialog. */
  dialogId: id,
  /** Most events of one response; the platform's own limit where it is left out. */
  maxQuantity: z.int().min(1).optional(),
  /** Only events after this number. */
  newerThanSequence: sequence.optional(),
  /** Only events before this number. */
  olderThanSequence: sequence.optional(),
};
export const QueryMessagesBodySchema = strictObject(() => messageBounds);
export const SubscribeMessagingEventsBodySchema = strictObject(() => ({
  ...messageBounds,
  /** The first number wanted. */
  fromSeq: sequence.optional(),
}));

export const SetAgentStateBodySchema = strictObject(() => ({
  /** `ONLINE` takes conversations; the others take none. */
  availability: z.enum(AVAILABILITIES),
  /** `['MESSAGING']`. */
  channels: z.array(channelType).min(1),
  /** The agent; default: oneself. */
  agentUserId: id,
  /** A reason for being away, as the account has them. */
  reasonId: z.union([z.string(), z.number()]).optional(),
  /** A reason in words. */
  description: optionalText,
}));

export const UpdateRingStateBodySchema = strictObject(() => ({
  /** The ring, from `rings()` or a routing task. */
  ringId: id,
  /** `ACCEPTED` takes the conversation, `REJECTED` leaves it to others. */
  ringState: z.enum(RING_STATES).extract(['ACCEPTED', 'REJECTED']),
}));

export const UpdateConversationFieldBodySchema = strictObject(() => ({
  /** The conversation to change. */
  conversationId: id,
  /** One change, or several that are made together. */
  conversationField: z.union([ConversationFieldSchema, z.array(ConversationFieldSchema).min(1)]),
}));

/** Where a conversation that an agent opens comes from. */
export interface ConversationContext extends OpenFields {
  /** The name of the context; the other fields depend on it. */
  type: string;
  /** The conversation that this one follows. */
  originConversationId?: string | undefined;
}
export const InferredConversationContextSchema = looseObject(() => ({
  type: z.string(),
  originConversationId: id.optional(),
}));
const ConversationContextSchema: z.ZodType<ConversationContext, ConversationContext> =
  InferredConversationContextSchema;

export const AgentRequestConversationBodySchema = strictObject(() => ({
  /** `MESSAGING`. */
  channelType,
  /** Whom to talk to. */
  consumerId: id,
  /** Where it comes from; `originConversationId` names the one that it follows. */
  conversationContext: ConversationContextSchema.optional(),
  /** The skill that it begins in. */
  skillId: id.optional(),
  /** How urgent it is. */
  ttrDefName: z.enum(['URGENT', 'NORMAL', 'PRIORITIZED', 'CUSTOM']).optional(),
}));

export const UserProfileBodySchema = strictObject(() => ({
  /** Whose; default: one's own. */
  userId: id.optional(),
}));
export const GetBrandProfileBodySchema = strictObject(() => ({
  /** The account. */
  brandId: id,
}));

export const UploadUrlBodySchema = strictObject(() => ({
  /** In bytes; at most 5 MiB. The vendor's example of sharing files gives it as text. */
  fileSize: z
    .int()
    .min(1)
    .or(
      z
        .string()
        .refine((text) => /^[1-9]\d*$/.test(text), 'a number of bytes')
        .meta({ pattern: '^[1-9]\\d*$' }),
    ),
  /** In the platform's spelling, such as `PNG`. */
  fileType: id,
}));
export const DownloadUrlBodySchema = strictObject(() => ({
  /** As it stands in the message with the file. */
  relativePath: id,
}));
/** A secure form that is to be read. */
export interface DownloadableForm {
  /** `SecureForm`. */
  type: 'SecureForm';
  /** The dialog that it was sent in. */
  dialogId: string;
  /** What the consumer has sent in, by id. */
  submissionId: string;
  /** The invitation that it answers, by id. */
  invitationId: string;
}
export const InferredDownloadableSchema = strictObject(() => ({
  type: z.literal('SecureForm'),
  dialogId: id,
  submissionId: id,
  invitationId: id,
}));
const DownloadableSchema: z.ZodType<DownloadableForm, DownloadableForm> = InferredDownloadableSchema;

export const GenerateDownloadTokenBodySchema = strictObject(() => ({
  /** The secure form that is to be read. */
  downloadable: DownloadableSchema,
}));

export const PublishEventBodySchema = strictObject(() => ({
  /** Where it is said. */
  dialogId: id,
  /** The dialog's conversation; filled in where it is known. */
  conversationId: id.optional(),
  /** `ALL`, or `AGENTS_AND_MANAGERS` for what the consumer does not see. */
  messageAudience: z.enum(AUDIENCES).optional(),
  /** What is said. */
  event: PublishableEventSchema,
}));
