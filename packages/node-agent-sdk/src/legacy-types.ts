import type {
  AgentStateChangeRecord,
  ConversationChangeRecord,
  ConversationDetailsRecord,
  CustomerInfoSde,
  MessagingEventRecord,
  ParticipantRecord,
  PersonalInfoSde,
  RingDetails,
  RoutingTaskChangeRecord,
} from '@lp/schemas';

// Mapped, not `Omit`: that forgets the named fields of a type that allows others as well.
type Without<T, K extends PropertyKey> = { [P in keyof T as P extends K ? never : P]: T[P] };
type Replace<T, R> = Without<T, keyof R> & R;

/** A conversation's details: participants are a list of PIDs. */
export type LegacyConversationDetails = Replace<
  Without<ConversationDetailsRecord, 'convId' | 'note' | 'groupId' | 'csatRate' | 'participantsPId'>,
  {
    participants: Pick<ParticipantRecord, 'id' | 'role'>[];
    /** @deprecated Look for your own `agentId` among the participants. */
    getMyRole(): string | undefined;
  }
>;

/** A conversation appeared, changed, or (`DELETE`) is no longer among those subscribed to; then it may say no more than `convId`. */
export type LegacyConversationChange = Replace<
  ConversationChangeRecord,
  {
    result: Replace<
      Without<ConversationChangeRecord['result'], 'lastUpdateTime' | 'numberOfunreadMessages'>,
      { conversationDetails: LegacyConversationDetails }
    >;
  }
>;

export interface LegacyConversationChanges {
  subscriptionId?: string;
  sentTs?: number;
  changes: LegacyConversationChange[];
}

/** A message, or what happened to one; `originatorId` is the PID. */
export type LegacyMessagingEvent = Replace<
  Without<MessagingEventRecord, 'originatorPId'>,
  {
    sequence: number;
    originatorId: string;
    /** @deprecated Compare `originatorId` with your own `agentId`. */
    isMe(): boolean;
  }
>;

export interface LegacyMessagingEvents {
  dialogId: string;
  changes: LegacyMessagingEvent[];
}

export type LegacyRing = Without<RingDetails, 'brandId' | 'convId' | 'consumerId' | 'skillId'>;

export type LegacyRoutingTaskChange = Replace<
  RoutingTaskChangeRecord,
  {
    result: Replace<
      Without<RoutingTaskChangeRecord['result'], 'routingTaskId' | 'assignedAgentId' | 'brandId'>,
      { ringsDetails: LegacyRing[] }
    >;
  }
>;

export interface LegacyRoutingTasks {
  subscriptionId?: string;
  changes: LegacyRoutingTaskChange[];
}

export type LegacyAgentStateChange = Replace<
  AgentStateChangeRecord,
  { result: Without<AgentStateChangeRecord['result'], 'agentUserId'> }
>;

/** One of the list that a profile is given as. */
export interface LegacySde {
  type: string;
  acr?: string;
  iss?: string;
  auth?: object;
  info?: CustomerInfoSde['info'];
  personal?: PersonalInfoSde['personal'];
}

export interface LegacyAgentStates {
  subscriptionId?: string;
  changes: LegacyAgentStateChange[];
}

/** A notification of one type. */
export interface LegacyFrame<T extends string, B> {
  kind: 'notification';
  type: T;
  body: B;
}

/** A notification; `switch (frame.type)` tells which body it has. */
export type LegacyNotificationFrame =
  | LegacyFrame<'cqm.ExConversationChangeNotification', LegacyConversationChanges>
  | LegacyFrame<'ms.MessagingEventNotification', LegacyMessagingEvents>
  | LegacyFrame<'routing.RoutingTaskNotification', LegacyRoutingTasks>
  | LegacyFrame<'routing.AgentStateNotification', LegacyAgentStates>
  | LegacyFrame<'deprecated', undefined>
  // Any other is named as on the wire, with a dot in front: so the ones above are told from it.
  | LegacyFrame<`.${string}`, unknown>;
