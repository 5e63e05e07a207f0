interface RingRecord {
  brandId?: unknown;
  convId?: unknown;
  consumerId?: unknown;
  skillId?: unknown;
}

/** One change of a routing notification. */
export interface RoutingChangeRecord {
  result: { routingTaskId?: unknown; assignedAgentId?: unknown; brandId?: unknown; ringsDetails: RingRecord[] };
}

/** One change of an agent-state notification. */
export interface AgentStateChangeRecord {
  result: { agentUserId?: unknown };
}

/** Takes out of a routing task what programs never saw, in place. Throws for a change that cannot be read. */
export function toLegacyRoutingChange({ result }: RoutingChangeRecord): void {
  delete result.routingTaskId;
  delete result.assignedAgentId;
  delete result.brandId;
  for (const ring of result.ringsDetails) {
    delete ring.brandId;
    delete ring.convId;
    delete ring.consumerId;
    delete ring.skillId;
  }
}

/** Takes the old id out of an agent's state, in place. Throws for a change that cannot be read. */
export function toLegacyAgentState({ result }: AgentStateChangeRecord): void {
  delete result.agentUserId;
}
