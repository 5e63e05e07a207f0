import type { NotificationBody, RingDetails } from '@lp/schemas';
import type { Identities } from './identities.ts';
import type { AgentStateChange, RoutingTaskChange } from './types.ts';

/** The changes of a notification about rings. What the task itself lacks is taken from its first ring. */
export function toRoutingTaskChanges(
  body: NotificationBody<'.ams.routing.RoutingTaskNotification'>,
  identities: Identities,
): RoutingTaskChange[] {
  return body.changes.map((change) => {
    const { result } = change;
    const ringsDetails = result.ringsDetails ?? [];
    const userId = result.assignedAgentId;
    const id = userId === undefined ? undefined : identities.pidOf(userId);
    return {
      ...change,
      result: {
        ...factsOf(ringsDetails[0]),
        ...defined(result),
        ringsDetails,
        assignedAgentPId: id,
        assignedToMe: identities.isOwn({ id, userId }),
      },
    };
  });
}

function factsOf(ring: RingDetails | undefined): { conversationId?: string; consumerId?: string; skillId?: string } {
  return defined({ conversationId: ring?.convId, consumerId: ring?.consumerId, skillId: ring?.skillId });
}

function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** The changes of a notification about agents' states. */
export function toAgentStateChanges(
  body: NotificationBody<'.ams.routing.AgentStateNotification'>,
  identities: Identities,
): AgentStateChange[] {
  return body.changes.map((change) => {
    const userId = change.result.agentUserId;
    const id = userId === undefined ? undefined : identities.pidOf(userId);
    return { ...change, result: { ...change.result, agentId: id, isMe: identities.isOwn({ id, userId }) } };
  });
}
