import * as z from 'zod';
import { ConversationFieldSchema } from './conversation-fields.ts';
import { AUDIENCES } from './events.ts';
import { strictObject } from './objects.ts';
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
  convState: z.array(conversationState).optional(),
  stage: z.array(conversationState).optional(),
  agentIds: ids.optional(),
  brandId: id.optional(),
  consumerId: id.optional(),
  conversationId: id.optional(),
  dialogTypes: z.array(z.string()).optional(),
  minLastUpdatedTime: time.optional(),
  maxLastUpdatedTime: time.optional(),
  groupIds: ids.optional(),
  maxETTR: optionalNumber,
  skills: ids.optional(),
};
export const SubscribeExConversationsBodySchema = strictObject(() => conversationFilter);
export const UpdateExConversationSubscriptionBodySchema = strictObject(() => ({
  subscriptionId: id,
  ...conversationFilter,
}));
export const UnsubscribeExConversationsBodySchema = strictObject(() => ({ subscriptionId: id }));

export const SubscribeAgentsStateBodySchema = strictObject(() => ({ brandId: id, agentId: id }));

const routingFilter = { brandId: id, agentId: id, skillId: id.optional(), conversationId: id.optional() };
export const SubscribeRoutingTasksBodySchema = strictObject(() => ({ channelType, ...routingFilter }));
export const UpdateRoutingTaskSubscriptionBodySchema = strictObject(() => ({
  subscriptionId: id,
  channelType: channelType.optional(),
  ...routingFilter,
}));

const messageBounds = {
  dialogId: id,
  maxQuantity: z.int().min(1).optional(),
  newerThanSequence: sequence.optional(),
  olderThanSequence: sequence.optional(),
};
export const QueryMessagesBodySchema = strictObject(() => messageBounds);
export const SubscribeMessagingEventsBodySchema = strictObject(() => ({
  ...messageBounds,
  fromSeq: sequence.optional(),
}));

export const SetAgentStateBodySchema = strictObject(() => ({
  availability: z.enum(AVAILABILITIES),
  channels: z.array(channelType).min(1),
  agentUserId: id,
  reasonId: z.union([z.string(), z.number()]).optional(),
  description: optionalText,
}));

export const UpdateRingStateBodySchema = strictObject(() => ({
  ringId: id,
  ringState: z.enum(RING_STATES).extract(['ACCEPTED', 'REJECTED']),
}));

export const UpdateConversationFieldBodySchema = strictObject(() => ({
  conversationId: id,
  conversationField: z.union([ConversationFieldSchema, z.array(ConversationFieldSchema).min(1)]),
}));

export const AgentRequestConversationBodySchema = strictObject(() => ({
  channelType,
  consumerId: id,
  conversationContext: z.looseObject({ type: z.string(), originConversationId: id.optional() }).optional(),
  skillId: id.optional(),
  ttrDefName: z.enum(['URGENT', 'NORMAL', 'PRIORITIZED', 'CUSTOM']).optional(),
}));

export const UserProfileBodySchema = strictObject(() => ({ userId: id.optional() }));
export const GetBrandProfileBodySchema = strictObject(() => ({ brandId: id }));

export const UploadUrlBodySchema = strictObject(() => ({ fileSize: z.int().min(1), fileType: id }));
export const DownloadUrlBodySchema = strictObject(() => ({ relativePath: id }));
export const GenerateDownloadTokenBodySchema = strictObject(() => ({
  downloadable: z.strictObject({
    type: z.literal('SecureForm'),
    dialogId: id,
    submissionId: id,
    invitationId: id,
  }),
}));

export const PublishEventBodySchema = strictObject(() => ({
  dialogId: id,
  conversationId: id.optional(),
  messageAudience: z.enum(AUDIENCES).optional(),
  event: PublishableEventSchema,
}));
