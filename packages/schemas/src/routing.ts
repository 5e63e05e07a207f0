import * as z from 'zod';
import { looseObject } from './objects.ts';
import { openEnum, optionalFlag, optionalNumber, optionalText, optionalTime } from './primitives.ts';

/** What has become of a ring. */
export const RING_STATES = ['WAITING', 'ACCEPTED', 'REJECTED', 'CANCELLED', 'EXPIRED', 'AUTO_ACCEPT'] as const;

export const RingDetailsSchema = looseObject(() => ({
  /** The platform's id of the offer. */
  ringId: z.string(),
  /** `WAITING` until it is answered, or 72 s are over. */
  ringState: openEnum(RING_STATES),
  /** How long it is open, in milliseconds. */
  ringExpiration: optionalNumber,
  /** When it goes to the next agent, in milliseconds since 1970, by the platform's clock. */
  ringExpirationTs: optionalTime,
  /** Its rank among the offers, as the platform has it. */
  weight: optionalNumber,
  /** The account. */
  brandId: optionalText,
  /** The conversation that is offered. */
  convId: optionalText,
  /** Its consumer. */
  consumerId: optionalText,
  /** The skill that it waits in. */
  skillId: optionalText,
}));
/** One offer of a conversation to the agent. Open for 72 s. */
export type RingDetails = z.infer<typeof RingDetailsSchema>;

/** A change of a routing task. `assignedAgentId` is an old id. */
export const RoutingTaskChangeSchema = looseObject(() => ({
  /** `UPSERT`: new or changed; `DELETE`: gone. */
  type: z.enum(['UPSERT', 'DELETE']),
  result: z.looseObject({
    routingTaskId: optionalText,
    taskCompleted: optionalFlag,
    conversationId: optionalText,
    consumerId: optionalText,
    skillId: optionalText,
    assignedAgentId: optionalText,
    brandId: optionalText,
    ringsDetails: z.array(RingDetailsSchema).optional(),
  }),
}));
export type RoutingTaskChangeRecord = z.infer<typeof RoutingTaskChangeSchema>;

/** `ONLINE` gets rings, `OCCUPIED` transfers only, the others nothing. */
export const AVAILABILITIES = ['ONLINE', 'OCCUPIED', 'AWAY', 'BACK_SOON', 'OFFLINE'] as const;

/** A change of an agent's state. `agentUserId` is the old id. */
export const AgentStateChangeSchema = looseObject(() => ({
  /** `UPSERT`: new or changed; `DELETE`: gone. */
  type: z.enum(['UPSERT', 'DELETE']),
  result: z.looseObject({
    channels: z.array(z.string()).optional(),
    availability: openEnum(AVAILABILITIES).optional(),
    description: optionalText,
    agentUserId: optionalText,
  }),
}));
export type AgentStateChangeRecord = z.infer<typeof AgentStateChangeSchema>;
