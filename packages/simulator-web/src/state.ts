import type {
  Account,
  AgentView,
  ConversationView,
  EventView,
  FaultView,
  FeedMessage,
  FrameView,
} from '../../simulator/src/web/page-api.ts';

export type Panel = 'faults' | 'frames';

export interface State {
  readonly connected: boolean;
  readonly account: Account | undefined;
  readonly agents: readonly AgentView[];
  readonly faults: readonly FaultView[];
  /** By id. */
  readonly conversations: ReadonlyMap<string, ConversationView>;
  readonly total: number;
  readonly selected: string | undefined;
  /** The selected conversation was just started: the person is about to write. */
  readonly writing: boolean;
  /** Of the selected conversation. */
  readonly events: readonly EventView[];
  /** Who of the brand is writing in the selected conversation. */
  readonly typing: string | undefined;
  readonly frames: readonly FrameView[];
  readonly panel: Panel | undefined;
  readonly notice: string | undefined;
}

const MAX_CONVERSATIONS = 300;
const MAX_FRAMES = 1_000;

export const initialState: State = {
  connected: false,
  account: undefined,
  agents: [],
  faults: [],
  conversations: new Map(),
  total: 0,
  selected: undefined,
  writing: false,
  events: [],
  typing: undefined,
  frames: [],
  panel: undefined,
  notice: undefined,
};

/** The state after what the server told. */
export function applied(state: State, message: FeedMessage): State {
  switch (message.type) {
    case 'account':
      return { ...state, account: message.account };
    case 'agents':
      return { ...state, agents: message.agents };
    case 'faults':
      return { ...state, faults: message.faults };
    case 'conversations':
      return { ...state, total: message.total, conversations: merged(state.conversations, message) };
    case 'events':
      return message.conversationId === state.selected ? withEvents(state, message.events, message.whole) : state;
    case 'frames':
      return {
        ...state,
        frames: [...(message.whole ? [] : state.frames), ...message.frames].slice(-MAX_FRAMES),
      };
  }
}

export function selected(state: State, id: string | undefined, writing: boolean): State {
  return id === state.selected ? state : { ...state, selected: id, writing, events: [], typing: undefined };
}

export function isContent({ event }: EventView): boolean {
  return event.type === 'ContentEvent' || event.type === 'RichContentEvent';
}

function merged(
  known: ReadonlyMap<string, ConversationView>,
  { conversations, whole }: Extract<FeedMessage, { type: 'conversations' }>,
): ReadonlyMap<string, ConversationView> {
  const all = new Map(whole ? [] : known);
  for (const conversation of conversations) all.set(conversation.id, conversation);
  if (all.size <= MAX_CONVERSATIONS) return all;
  return new Map(
    byAge([...all.values()])
      .slice(0, MAX_CONVERSATIONS)
      .map((each) => [each.id, each]),
  );
}

/** The newest first. */
export function byAge(conversations: readonly ConversationView[]): ConversationView[] {
  return conversations.toSorted((a, b) => b.updatedAt - a.updatedAt);
}

function withEvents(state: State, events: readonly EventView[], whole: boolean): State {
  let { typing } = state;
  for (const event of events) {
    if (event.from === 'consumer') continue;
    if (isContent(event)) typing = undefined;
    else if (event.event.type === 'ChatStateEvent') {
      typing = event.event['chatState'] === 'COMPOSING' ? event.name : undefined;
    }
  }
  const kept = events.filter((event) => event.sequence !== undefined);
  return { ...state, typing, events: whole ? kept : [...state.events, ...kept] };
}
