import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ConversationView } from '../../simulator/src/web/page-api.ts';
import { select } from './connection.ts';
import { count, hue, initials, when } from './format.ts';
import { Icon } from './icons.tsx';
import { byAge, type State } from './state.ts';

interface Props {
  readonly state: State;
  readonly startNew: () => void;
}

/** The account's conversations, the newest first. */
export function ConversationList({ state, startNew }: Props): JSX.Element {
  const { conversations, total, selected } = state;
  const [filter, setFilter] = useState('');
  const shown = useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    const all = byAge([...conversations.values()]);
    return wanted === '' ? all : all.filter((each) => searchable(each).includes(wanted));
  }, [conversations, filter]);
  return (
    <nav class="list" aria-label="Conversations">
      <div class="list-tools">
        <button type="button" class="primary" onClick={startNew}>
          <Icon name="plus" />
          New conversation
        </button>
        <label class="search">
          <Icon name="search" />
          <span class="hidden">Filter conversations</span>
          <input
            type="search"
            placeholder="Filter"
            value={filter}
            onInput={({ currentTarget }) => setFilter(currentTarget.value)}
          />
        </label>
      </div>
      <ul onKeyDown={moveFocus}>
        {shown.map((conversation) => (
          <Row key={conversation.id} conversation={conversation} current={conversation.id === selected} />
        ))}
      </ul>
      <p class="list-count">
        {filter === '' && total <= conversations.size
          ? count(total, 'conversation')
          : `${shown.length.toLocaleString()} of ${count(total, 'conversation')}`}
      </p>
    </nav>
  );
}

function Row({
  conversation,
  current,
}: {
  readonly conversation: ConversationView;
  readonly current: boolean;
}): JSX.Element {
  const { id, consumer, skill, last, unread, updatedAt, stage } = conversation;
  return (
    <li>
      <button
        type="button"
        class={`row ${stage === 'CLOSE' ? 'closed' : ''}`}
        aria-current={current ? 'true' : undefined}
        onClick={() => select(id)}
      >
        <span class={`avatar ${hue(id)}`} aria-hidden="true">
          {initials(consumer)}
        </span>
        <span class="row-top">
          <strong>{consumer}</strong>
          <time dateTime={new Date(updatedAt).toISOString()}>{when(updatedAt)}</time>
        </span>
        <span class="row-last">
          {last ? `${last.from === 'brand' ? '↩ ' : ''}${last.text}` : 'Nothing said yet'}
          {unread > 0 && (
            <span class="badge" title={`${count(unread, 'message')} unread`}>
              {unread}
            </span>
          )}
        </span>
        <span class="row-chips">
          <Status conversation={conversation} />
          <span class="chip">{skill}</span>
        </span>
      </button>
    </li>
  );
}

/** The state of a conversation in words: open with whom, ringing where, waiting, in a survey or closed. */
export function Status({ conversation }: { readonly conversation: ConversationView }): JSX.Element {
  const { text, look } = statusOf(conversation);
  return <span class={`chip status ${look}`}>{text}</span>;
}

function statusOf({ state, stage, agent, ringingAt, closedBy }: ConversationView): { text: string; look: string } {
  if (stage === 'CLOSE') {
    return { text: closedBy === undefined ? 'Closed' : `Closed by ${closedBy.toLowerCase()}`, look: 'done' };
  }
  if (state === 'CLOSE') return { text: 'In a survey', look: 'survey' };
  if (ringingAt !== undefined) return { text: `Ringing at ${ringingAt}`, look: 'ringing' };
  if (agent !== undefined) return { text: agent, look: 'served' };
  return { text: 'Waiting for an agent', look: 'waiting' };
}

function searchable(conversation: ConversationView): string {
  const { id, consumer, skill, state, last } = conversation;
  return [id, consumer, skill, state, statusOf(conversation).text, last?.text].join(' ').toLowerCase();
}

/** Up and down move from row to row. */
function moveFocus(event: TargetedKeyboardEvent<HTMLUListElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll('button')];
  const at = rows.findIndex((row) => row === document.activeElement);
  rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
}
