import { Refusal } from '../platform/model.ts';
import { UNASSIGNED_SKILL } from '../platform/skills.ts';
import {
  agentOf,
  type Call,
  consumerOf,
  type Handler,
  optionalId,
  optionalObject,
  optionalText,
  optionalTexts,
  textField,
} from './call.ts';

const TTR_TYPES = ['NORMAL', 'URGENT', 'PRIORITIZED', 'CUSTOM'];

function common({ platform, fields }: Call) {
  const channelType = optionalText(fields, 'channelType') ?? 'MESSAGING';
  if (channelType !== 'MESSAGING') throw new Refusal(400, 'Bad request: channelType must be MESSAGING');
  const brandId = optionalText(fields, 'brandId') ?? platform.accountId;
  if (brandId !== platform.accountId) throw new Refusal(400, 'Brand does not exist');
  const ttrType = optionalText(fields, 'ttrDefName') ?? 'PRIORITIZED';
  if (!TTR_TYPES.includes(ttrType)) throw new Refusal(400, 'Bad request: ttrDefName is unknown');
  return {
    skillId: optionalId(fields, 'skillId') ?? UNASSIGNED_SKILL,
    ttrType,
    context: optionalObject(fields, 'conversationContext'),
    campaignInfo: optionalObject(fields, 'campaignInfo'),
  };
}

const hasOpenConversation = ({ platform }: Call, consumerId: string): boolean =>
  platform.consumers.get(consumerId).conversations.some((conversation) => conversation.meta.state !== 'CLOSE');

export const consumerRequestConversation: Handler = (call) => {
  const consumer = consumerOf(call);
  const request = common(call);
  if (hasOpenConversation(call, consumer.id)) throw new Refusal(400, 'Consumer has an open conversation already');
  const properties = optionalObject(request.context ?? {}, 'clientProperties') ?? consumer.clientProperties;
  const conversation = call.platform.openConversation({
    ...request,
    context: request.context && properties ? { ...request.context, clientProperties: properties } : request.context,
    consumerId: consumer.id,
    features: optionalTexts(request.context ?? {}, 'features') ?? featuresOf(properties),
  });
  return { body: { conversationId: conversation.id } };
};

export const agentRequestConversation: Handler = (call) => {
  agentOf(call);
  const consumerId = textField(call.fields, 'consumerId');
  const request = common(call);
  if (!call.platform.consumers.find(consumerId)) throw new Refusal(400, 'Consumer does not exist');
  if (hasOpenConversation(call, consumerId)) throw new Refusal(400, 'Consumer has an open conversation already');
  const conversation = call.platform.openConversation({ ...request, consumerId, features: [] });
  return { body: { conversationId: conversation.id } };
};

/** The one request of older clients for both kinds of callers. */
export const requestConversation: Handler = (call) =>
  call.caller.kind === 'agent' ? agentRequestConversation(call) : consumerRequestConversation(call);

const featuresOf = (properties: object | undefined): string[] =>
  optionalTexts((properties ?? {}) as Record<string, unknown>, 'features') ?? [];
