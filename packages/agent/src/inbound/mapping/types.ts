import type {
  AgentStateChangeRecord,
  ConversationChangeRecord,
  ConversationDetailsRecord,
  DialogRecord,
  MessagingEventRecord,
  ParticipantState,
  ParticipantsByRole,
  RingDetails,
  Role,
  RoutingTaskChangeRecord,
} from '@lp/schemas';

// `Omit` would drop the known keys of a type that has an index signature.
type Replace<T, R> = { [K in keyof T as K extends keyof R ? never : K]: T[K] } & R;

/** Who takes part, in both id spaces. */
export interface Participant {
  /** The PID. Missing where the platform sent the old id only and the pair is not known for certain. */
  readonly id: string | undefined;
  /** The old id, `{accountId}.{userId}`; for a consumer the same as `id`. Missing where the platform sent the PID only. */
  readonly userId: string | undefined;
  /** What it does in the dialog: `CONSUMER`, `ASSIGNED_AGENT`, `AGENT`, `MANAGER`, `READER`, `CONTROLLER`. */
  readonly role: Role;
  /** `SUGGESTED`: offered to this agent, not taken yet. */
  readonly state?: ParticipantState | undefined;
  readonly [field: string]: unknown;
}

/** A dialog, with the fields that the platform sent. */
export type Dialog = Replace<
  DialogRecord,
  {
    /** Who takes part, with the state of each. */
    participantsDetails?: readonly Participant[] | undefined;
  }
>;

/** A conversation, with the fields that the platform sent. */
export type ConversationDetails = Replace<
  ConversationDetailsRecord,
  {
    /** Those who take part; agents that are only suggested are in `dialogs`. */
    participants: readonly Participant[];
    /** The platform's own map of old ids, as received on the agent socket. */
    participantsByRole: ParticipantsByRole | undefined;
    /** The dialogs in the order they were opened: the main one first, then surveys. */
    dialogs: readonly Dialog[];
    /** This agent's roles, those it is only suggested for left out. */
    myRoles: readonly Role[];
    /** The first of {@link myRoles}, `ASSIGNED_AGENT` before any other. */
    myRole: Role | undefined;
    /** The roles in open dialogs that are offered to this agent and that it has not taken. */
    mySuggestedRoles: readonly Role[];
  }
>;

/** An event of a dialog, with the fields that the platform sent. */
export type MessagingEvent = Replace<
  MessagingEventRecord,
  {
    /** The PID of who caused it; the old id only where the platform sent nothing else. */
    originatorId: string | undefined;
    /** The old id of who caused it, when it is known. */
    originatorUserId: string | undefined;
    /** Whether this agent caused it. */
    isMe: boolean;
  }
>;

type ConversationResult = ConversationChangeRecord['result'];

/** A change of a conversation. */
export type ConversationChange =
  | {
      readonly type: 'UPSERT';
      readonly result: Replace<
        ConversationResult,
        { conversationDetails: ConversationDetails; lastContentEventNotification?: MessagingEvent }
      >;
    }
  | {
      readonly type: 'DELETE';
      readonly result: Replace<
        ConversationResult,
        { conversationDetails?: ConversationDetails; lastContentEventNotification?: MessagingEvent }
      >;
    };

/** A change of a routing task. What it lacks itself is taken from its ring. */
export type RoutingTaskChange = Replace<
  RoutingTaskChangeRecord,
  {
    /** The routing task after the change. */
    result: Replace<
      RoutingTaskChangeRecord['result'],
      {
        ringsDetails: readonly RingDetails[];
        /** The PID of the assigned agent, when it is known; `assignedAgentId` is its old id. */
        assignedAgentPId: string | undefined;
        /** Whether this agent is the assigned one. */
        assignedToMe: boolean;
      }
    >;
  }
>;

/** A change of an agent's state. */
export type AgentStateChange = Replace<
  AgentStateChangeRecord,
  {
    /** The agent's state after the change. */
    result: Replace<
      AgentStateChangeRecord['result'],
      {
        /** The agent's PID, when it is known. */
        agentId: string | undefined;
        /** Whether it is this agent. */
        isMe: boolean;
      }
    >;
  }
>;
