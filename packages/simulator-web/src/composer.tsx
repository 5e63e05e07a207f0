import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { act } from './connection.ts';
import { Icon } from './icons.tsx';

const REPEAT_TYPING_MS = 5_000;
const PAUSE_MS = 3_000;

interface Props {
  readonly conversationId: string;
  /** The dialog that is open; nothing can be said without one. */
  readonly dialogId: string | undefined;
  readonly autoFocus: boolean;
  /** Called when the person is at it: what has come is read then. */
  readonly attended: (attended: boolean) => void;
}

/** Where the person types as the consumer. */
export function Composer({ conversationId, dialogId, autoFocus, attended }: Props): JSX.Element {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const typing = useTyping(conversationId, dialogId);

  useEffect(() => {
    if (autoFocus) field.current?.focus();
  }, [autoFocus]);
  useEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight, 160)}px`;
  }, [text]);

  async function send(): Promise<void> {
    const said = text.trim();
    if (said === '' || dialogId === undefined) return;
    setText('');
    typing.stop();
    const response = await act('say', { conversationId, dialogId, text: said });
    if (!response) setText((now) => now || said);
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label class="hidden" for="composer">
        Message as the consumer
      </label>
      <textarea
        id="composer"
        ref={field}
        rows={1}
        value={text}
        disabled={dialogId === undefined}
        placeholder={dialogId === undefined ? 'This conversation is closed' : 'Write as the consumer'}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          typing.goOn();
        }}
        onFocus={() => attended(true)}
        onBlur={() => attended(false)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void send();
        }}
      />
      <button type="submit" class="primary send" disabled={dialogId === undefined || text.trim() === ''}>
        <Icon name="send" />
        <span>Send</span>
      </button>
    </form>
  );
}

/** Says that the consumer is writing, now and then while it lasts, and that they have stopped. */
function useTyping(conversationId: string, dialogId: string | undefined) {
  const state = useRef({ since: 0, timer: 0 });
  const say = (chatState: string) => {
    if (dialogId !== undefined) void act('typing', { conversationId, dialogId, chatState });
  };
  useEffect(() => () => clearTimeout(state.current.timer), [conversationId]);
  return {
    goOn() {
      const { current } = state;
      clearTimeout(current.timer);
      current.timer = setTimeout(() => {
        current.since = 0;
        say('PAUSE');
      }, PAUSE_MS);
      if (Date.now() - current.since < REPEAT_TYPING_MS) return;
      current.since = Date.now();
      say('COMPOSING');
    },
    stop() {
      clearTimeout(state.current.timer);
      state.current.since = 0;
      say('ACTIVE');
    },
  };
}
