import * as z from 'zod';
import { ConversationFieldSchema } from './conversation-fields.ts';
import { AUDIENCES } from './events.ts';
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
export const SubscribeExConversationsBodySchema = z.strictObject(conversationFilter);
export const UpdateExConversationSubscriptionBodySchema = z.strictObject({ subscriptionId: id, ...conversationFilter });
export const UnsubscribeExConversationsBodySchema = z.strictObject({ subscriptionId: id });

export const SubscribeAgentsStateBodySchema = z.strictObject({ brandId: id, agentId: id });

const routingFilter = { brandId: id, agentId: id, skillId: id.optional(), conversationId: id.optional() };
export const SubscribeRoutingTasksBodySchema = z.strictObject({ channelType, ...routingFilter });
export const UpdateRoutingTaskSubscriptionBodySchema = z.strictObject({
  subscriptionId: id,
  channelType: channelType.optional(),
  ...routingFilter,
});

const messageBounds = {
  dialogId: id,
  maxQuantity: z.int().min(1).optional(),
  newerThanSequence: sequence.optional(),
  olderThanSequence: sequence.optional(),
};
export const QueryMessagesBodySchema = z.strictObject(messageBounds);
export const SubscribeMessagingEventsBodySchema = z.strictObject({ ...messageBounds, fromSeq: sequence.optional() });

export const SetAgentStateBodySchema = z.strictObject({
  availability: z.enum(AVAILABILITIES),
  channels: z.array(channelType).min(1),
  agentUserId: id,
  reasonId: z.union([z.string(), z.number()]).optional(),
  description: optionalText,
});

export const UpdateRingStateBodySchema = z.strictObject({
  ringId: id,
  ringState: z.enum(RING_STATES).extract(['ACCEPTED', 'REJECTED']),
});

export const UpdateConversationFieldBodySchema = z.strictObject({
  conversationId: id,
  conversationField: z.union([ConversationFieldSchema, z.array(ConversationFieldSchema).min(1)]),
});

export const AgentRequestConversationBodySchema = z.strictObject({
  channelType,
  consumerId: id,
  conversationContext: z.looseObject({ type: z.string(), originConversationId: id.optional() }).optional(),
  skillId: id.optional(),
  ttrDefName: z.enum(['URGENT', 'NORMAL', 'PRIORITIZED', 'CUSTOM']).optional(),
});

export const UserProfileBodySchema = z.strictObject({ userId: id.optional() });
export const GetBrandProfileBodySchema = z.strictObject({ brandId: id });

export const UploadUrlBodySchema = z.strictObject({ fileSize: z.int().min(1), fileType: id });
export const DownloadUrlBodySchema = z.strictObject({ relativePath: id });
export const GenerateDownloadTokenBodySchema = z.strictObject({
  downloadable: z.strictObject({
    type: z.literal('SecureForm'),
    dialogId: id,
    submissionId: id,
    invitationId: id,
  }),
});

export const PublishEventBodySchema = z.strictObject({
  dialogId: id,
  conversationId: id.optional(),
  messageAudience: z.enum(AUDIENCES).optional(),
  event: PublishableEventSchema,
});
