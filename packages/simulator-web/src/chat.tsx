import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ConversationView, EventView } from '../../simulator/src/web/page-api.ts';
import { Bubble } from './bubble.tsx';
import { Composer } from './composer.tsx';
import { act, select } from './connection.ts';
import { Status } from './conversation-list.tsx';
import { Icon } from './icons.tsx';
import { marksOf, unreadIn } from './marks.ts';
import { isContent, type State } from './state.ts';

const NEAR_END_PX = 120;

interface Props {
  readonly state: State;
  readonly conversation: ConversationView;
}

/** The selected conversation, as its consumer has it. */
export function Chat({ state, conversation }: Props): JSX.Element {
  const { id, consumer, skill, dialogs } = conversation;
  const open = dialogs.find((dialog) => dialog.open)?.id;
  const [attended, setAttended] = useState(false);
  useReading(state.events, id, open, attended);
  return (
    <section class="chat" aria-label={`Conversation with ${consumer}`}>
      <header class="chat-header">
        <button
          type="button"
          class="quiet back"
          aria-label="Back to the conversations"
          onClick={() => select(undefined)}
        >
          <Icon name="back" />
        </button>
        <div class="chat-title">
          <h2>{consumer}</h2>
          <p>
            <Status conversation={conversation} />
            <span class="chip">{skill}</span>
            <code title="The conversation's id">{id}</code>
          </p>
        </div>
        <button
          type="button"
          title="End the conversation as the consumer"
          disabled={open === undefined}
          onClick={() => open !== undefined && void act('close', { conversationId: id, dialogId: open })}
        >
          <Icon name="stop" />
          <span>Close</span>
        </button>
      </header>
      <Messages state={state} conversation={conversation} open={open} />
      <Composer key={id} conversationId={id} dialogId={open} autoFocus={state.writing} attended={setAttended} />
    </section>
  );
}

function Messages({ state, conversation, open }: Props & { readonly open: string | undefined }): JSX.Element {
  const { events, typing } = state;
  const { id, dialogs } = conversation;
  const scroller = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const lines = useMemo(() => linesOf(events, id, dialogs, open), [events, id, dialogs, open]);

  useLayoutEffect(() => {
    follows.current = true;
  }, [id]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const follow = () => {
      if (follows.current) element.scrollTop = element.scrollHeight;
    };
    follow();
    // Pictures take their room when they have arrived, and windows change their size.
    const observer = new ResizeObserver(follow);
    for (const each of [element, ...element.children]) observer.observe(each);
    return () => observer.disconnect();
  }, [lines, typing]);

  return (
    <div
      class="messages"
      role="log"
      aria-live="polite"
      aria-label="Messages"
      ref={scroller}
      // Scrolled by keyboard, so it has to be focusable.
      tabIndex={0}
      onScroll={({ currentTarget: at }) => {
        follows.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END_PX;
      }}
    >
      <ol>{lines}</ol>
      {lines.length === 0 && <p class="nothing">Nothing has been said yet.</p>}
      <p class="typing" aria-live="polite">
        {typing !== undefined && (
          <>
            <span class="dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            {typing} is typing
          </>
        )}
      </p>
    </div>
  );
}

function linesOf(
  events: readonly EventView[],
  conversationId: string,
  dialogs: ConversationView['dialogs'],
  open: string | undefined,
): JSX.Element[] {
  const markOf = marksOf(events);
  const messages = events.filter(isContent);
  const lines: JSX.Element[] = [];
  messages.forEach((event, i) => {
    const { dialogId, sequence = -1 } = event;
    const previous = messages[i - 1];
    const isNewDialog = previous?.dialogId !== dialogId;
    if (isNewDialog && dialogId !== conversationId) {
      const type = dialogs.find((dialog) => dialog.id === dialogId)?.type ?? 'OTHER';
      lines.push(<li class="divider">{type === 'POST_SURVEY' ? 'Survey' : type.toLowerCase()}</li>);
    }
    const isSame = previous?.name === event.name && previous.private === event.private && !isNewDialog;
    lines.push(
      <Bubble
        key={`${dialogId} ${sequence}`}
        event={event}
        mark={markOf(event)}
        named={!isSame}
        offering={i === messages.length - 1 && open !== undefined}
        pressing={{
          enabled: open === dialogId,
          press: (path) => void act('click', { conversationId, dialogId, sequence, path }),
          say: (text) => void act('say', { conversationId, dialogId, text }),
        }}
      />,
    );
  });
  return lines;
}

/** Marks as read what has come while the person is at it. */
function useReading(
  events: readonly EventView[],
  conversationId: string,
  dialogId: string | undefined,
  attended: boolean,
): void {
  useEffect(() => {
    if (!attended || dialogId === undefined) return;
    const sequences = unreadIn(events, dialogId);
    if (sequences.length > 0) void act('read', { conversationId, dialogId, sequences });
  }, [events, conversationId, dialogId, attended]);
}
