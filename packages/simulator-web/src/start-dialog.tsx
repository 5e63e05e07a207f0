import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Account } from '../../simulator/src/web/page-api.ts';
import { act, select } from './connection.ts';

const NAMES = ['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Edsger Dijkstra', 'Barbara Liskov', 'Katherine Johnson'];

interface Props {
  readonly account: Account | undefined;
  /** How many conversations there have been: suggests another name each time. */
  readonly count: number;
  readonly close: () => void;
}

/** Asks who the consumer is and what they want, and starts the conversation. */
export function StartDialog({ account, count, close }: Props): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);

  async function start(form: HTMLFormElement): Promise<void> {
    const data = new FormData(form);
    const field = (name: string) => {
      const value = data.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    const started = await act('start', { name: field('name'), skillId: field('skill'), message: field('message') });
    if (started?.conversationId === undefined) return;
    close();
    select(started.conversationId, { writing: true });
  }

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="start-title" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void start(event.currentTarget);
        }}
      >
        <h2 id="start-title">New conversation</h2>
        <p>You are the consumer. Your bot is offered the conversation.</p>
        <label>
          Name
          <input name="name" maxLength={80} defaultValue={NAMES[count % NAMES.length] ?? ''} autocomplete="off" />
        </label>
        <label>
          Skill
          <select name="skill">
            {account?.skills.map(({ id, name }) => (
              <option value={id}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          First message
          <textarea name="message" rows={3} placeholder="Optional" />
        </label>
        <div class="dialog-actions">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Start
          </button>
        </div>
      </form>
    </dialog>
  );
}
