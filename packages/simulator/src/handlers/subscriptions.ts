import type { AgentRecord } from '../platform/agents.ts';
import { type ConversationFilter, Refusal } from '../platform/model.ts';
import {
  agentOf,
  type Call,
  type Handler,
  optionalId,
  optionalNumber,
  optionalText,
  optionalTexts,
  textField,
} from './call.ts';

function filterOf({ fields, caller, platform }: Call): ConversationFilter {
  return {
    convState: optionalTexts(fields, 'convState'),
    stage: optionalTexts(fields, 'stage'),
    agentIds: optionalTexts(fields, 'agentIds')?.map((id) => platform.agents.find(id)?.id ?? id),
    consumerId: caller.kind === 'consumer' ? caller.consumer.id : optionalText(fields, 'consumerId'),
    conversationId: optionalText(fields, 'conversationId'),
    dialogTypes: optionalTexts(fields, 'dialogTypes'),
    minLastUpdatedTime: optionalNumber(fields, 'minLastUpdatedTime'),
    maxLastUpdatedTime: optionalNumber(fields, 'maxLastUpdatedTime'),
  };
}

export const subscribeExConversations: Handler = (call) => {
  const { platform, client, dialect } = call;
  const subscription = { id: platform.random.uuid(), client, dialect, filter: filterOf(call), begun: false };
  platform.subscribe(subscription);
  return { body: { subscriptionId: subscription.id } };
};

function conversationSubscription({ platform, client, fields }: Call) {
  const subscription = platform.notifier.conversations.get(textField(fields, 'subscriptionId'));
  if (subscription?.client !== client) throw new Refusal(400, 'Subscription does not exist');
  return subscription;
}

export const unsubscribeExConversations: Handler = (call) => {
  call.platform.unsubscribe(conversationSubscription(call));
  return { body: 'OK Unsubscribed successfully' };
};

export const updateExConversationSubscription: Handler = (call) => {
  const subscription = conversationSubscription(call);
  call.platform.unsubscribe(subscription);
  subscription.filter = filterOf(call);
  call.platform.subscribe(subscription);
  return { body: { subscriptionId: subscription.id } };
};

/** Ends a subscription of any kind. */
export const unsubscribe: Handler = (call) => {
  const id = textField(call.fields, 'subscriptionId');
  for (const kind of [call.platform.notifier.routing, call.platform.notifier.agentStates]) {
    const subscription = kind.get(id);
    if (subscription?.client === call.client) {
      kind.remove(subscription);
      return { body: 'OK Unsubscribed successfully' };
    }
  }
  return unsubscribeExConversations(call);
};

/** The agent a subscription is about: named by old id or PID, the caller by default. */
function subject(call: Call): AgentRecord {
  const caller = agentOf(call);
  const agentId = optionalText(call.fields, 'agentId');
  const agent = agentId === undefined ? caller : call.platform.agents.find(agentId);
  if (!agent) throw new Refusal(400, 'Agent does not exist');
  return agent;
}

function agentSubscription(call: Call, agent: AgentRecord, id: string) {
  return {
    id,
    client: call.client,
    dialect: call.dialect,
    agentId: agent.id,
    skillId: optionalId(call.fields, 'skillId'),
    conversationId: optionalText(call.fields, 'conversationId'),
    begun: false,
  };
}

export const subscribeAgentsState: Handler = (call) => {
  const agent = subject(call);
  const { notifier, random } = call.platform;
  const subscription = agentSubscription(call, agent, random.uuid());
  notifier.agentStates.add(subscription);
  notifier.begin(call.client, () => {
    if (notifier.agentStates.get(subscription.id) === subscription) notifier.sendAgentState(subscription, agent);
  });
  return { body: { subscriptionId: subscription.id } };
};

export const subscribeRoutingTasks: Handler = (call) => {
  const agent = subject(call);
  const { notifier, routing, random } = call.platform;
  const subscription = agentSubscription(call, agent, random.uuid());
  notifier.routing.add(subscription);
  notifier.begin(call.client, () => {
    if (notifier.routing.get(subscription.id) === subscription)
      notifier.sendRings(subscription, routing.ringsAt(agent));
  });
  return { body: { subscriptionId: subscription.id } };
};

export const updateRoutingTaskSubscription: Handler = (call) => {
  const { notifier, routing } = call.platform;
  const known = notifier.routing.get(textField(call.fields, 'subscriptionId'));
  if (known?.client !== call.client) throw new Refusal(400, 'Subscription does not exist');
  const agent = subject(call);
  notifier.routing.remove(known);
  const subscription = agentSubscription(call, agent, known.id);
  notifier.routing.add(subscription);
  notifier.begin(call.client, () => {
    if (notifier.routing.get(subscription.id) === subscription)
      notifier.sendRings(subscription, routing.ringsAt(agent));
  });
  return { body: { subscriptionId: subscription.id } };
};
