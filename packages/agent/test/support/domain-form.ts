import type { DecodedFrame } from '@lp/schemas';
import {
  type Identities,
  toAgentStateChanges,
  toConversationChanges,
  toMessagingEvents,
  toRoutingTaskChanges,
} from '../../src/inbound/mapping/index.ts';

/** The domain form of a decoded frame; nothing of one that has none. */
export function domainFormOf(decoded: DecodedFrame, identities: Identities): readonly object[] {
  if (decoded.kind !== 'notification' || !decoded.known) return [];
  switch (decoded.topic) {
    case 'conversations':
      return toConversationChanges(decoded.body, identities);
    case 'messaging':
      return toMessagingEvents(decoded.body, identities);
    case 'routingTasks':
      return toRoutingTaskChanges(decoded.body, identities);
    case 'agentStates':
      return toAgentStateChanges(decoded.body, identities);
  }
}
