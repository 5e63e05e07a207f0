// What the page and its server say to each other: types only, so that both sides can import them.

/** A conversation as the list shows it. */
export interface ConversationView {
  readonly id: string;
  readonly consumer: string;
  readonly state: string;
  readonly stage: string;
  readonly skill: string;
  /** Username of the assigned agent. */
  readonly agent?: string | undefined;
  /** Username of the agent it rings at. */
  readonly ringingAt?: string | undefined;
  readonly updatedAt: number;
  /** Messages that the consumer has not read. */
  readonly unread: number;
  readonly last?: { readonly from: Side; readonly text: string } | undefined;
  readonly closedBy?: string | undefined;
  readonly dialogs: readonly { readonly id: string; readonly type: string; readonly open: boolean }[];
}

export type Side = 'consumer' | 'brand';

/** One event of a dialog, the private ones of agents included. */
export interface EventView {
  readonly dialogId: string;
  /** Missing on typing states, as is `at`. */
  readonly sequence?: number | undefined;
  readonly at?: number | undefined;
  readonly from: Side;
  readonly name: string;
  readonly role: string;
  /** For agents and managers only. */
  readonly private: boolean;
  readonly event: { readonly type: string; readonly [field: string]: unknown };
}

export interface AgentView {
  readonly username: string;
  readonly availability: string;
  readonly conversations: number;
}

export interface FrameView {
  readonly number: number;
  readonly at: number;
  readonly direction: 'in' | 'out';
  readonly client: string;
  readonly type: string;
  /** What it is about, in few words. */
  readonly about: string;
  readonly code?: number | undefined;
  /** The frame as on the wire; long ones are cut. */
  readonly text: string;
  readonly length: number;
}

/** A fault as the page offers it. */
export interface FaultView {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  /** True for one that stays until it is switched off, false for one that is over at once. */
  readonly lasting: boolean;
  readonly on: boolean;
  readonly fields: readonly FaultField[];
}

/** A value that a fault takes: one of `choices`, the first by default. */
export interface FaultField {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly (string | number)[];
}

export interface Account {
  readonly accountId: string;
  readonly skills: readonly { readonly id: string; readonly name: string }[];
}

/** What the server pushes. */
export type FeedMessage =
  | { readonly type: 'account'; readonly account: Account }
  /** With `whole`, what is not in the list is no longer shown; `total` counts the conversations of the account. */
  | {
      readonly type: 'conversations';
      readonly conversations: readonly ConversationView[];
      readonly total: number;
      readonly whole: boolean;
    }
  /** With `whole`, the events replace what was shown of the conversation. */
  | {
      readonly type: 'events';
      readonly conversationId: string;
      readonly events: readonly EventView[];
      readonly whole: boolean;
    }
  | { readonly type: 'agents'; readonly agents: readonly AgentView[] }
  | { readonly type: 'faults'; readonly faults: readonly FaultView[] }
  /** With `whole`, the frames replace what was shown. */
  | { readonly type: 'frames'; readonly frames: readonly FrameView[]; readonly whole: boolean };

/** What a page asks of its feed: the events of one conversation, and the frames. */
export interface FeedRequest {
  readonly conversationId?: string | undefined;
  readonly frames: boolean;
}

/** The bodies of the actions, by the last part of their path. */
export interface Actions {
  readonly start: { readonly name?: string; readonly skillId?: string; readonly message?: string };
  readonly say: { readonly conversationId: string; readonly dialogId: string; readonly text: string };
  readonly typing: { readonly conversationId: string; readonly dialogId: string; readonly chatState: string };
  readonly read: {
    readonly conversationId: string;
    readonly dialogId: string;
    readonly sequences: readonly number[];
  };
  /** `path` leads from the message's event to the element that is pressed, as `content.elements.2`. */
  readonly click: {
    readonly conversationId: string;
    readonly dialogId: string;
    readonly sequence: number;
    readonly path: string;
  };
  readonly close: { readonly conversationId: string; readonly dialogId: string };
  readonly fault: {
    readonly id: string;
    readonly on: boolean;
    readonly values: Readonly<Record<string, string | number>>;
  };
}

/** What `start` gives; the other actions give an empty object. */
export interface Started {
  readonly conversationId: string;
}
