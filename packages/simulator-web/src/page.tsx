import { type JSX, render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Chat } from './chat.tsx';
import { connect, notify, openPanel, select } from './connection.ts';
import { ConversationList } from './conversation-list.tsx';
import { FaultPanel } from './fault-panel.tsx';
import { FrameLog } from './frame-log.tsx';
import { Header } from './header.tsx';
import { Icon } from './icons.tsx';
import { StartDialog } from './start-dialog.tsx';
import type { Panel, State } from './state.ts';
import { useStore } from './store.ts';

const TITLES = { faults: 'Faults', frames: 'Frames' } as const;

function App(): JSX.Element {
  const state = useStore();
  const { conversations, selected, panel, notice } = state;
  const [starting, setStarting] = useState(false);
  const conversation = selected === undefined ? undefined : conversations.get(selected);
  useEffect(() => {
    const unread = [...conversations.values()].reduce((sum, each) => sum + each.unread, 0);
    document.title = unread > 0 ? `(${unread}) LP Simulator` : 'LP Simulator';
  }, [conversations]);
  return (
    <div class={`app ${conversation ? 'chatting' : ''} ${panel ? 'with-panel' : ''}`}>
      <Header state={state} />
      <ConversationList state={state} startNew={() => setStarting(true)} />
      <main>
        {conversation ? (
          <Chat state={state} conversation={conversation} />
        ) : (
          <Welcome state={state} startNew={() => setStarting(true)} />
        )}
      </main>
      {panel && <Side key={panel} panel={panel} state={state} />}
      {starting && <StartDialog account={state.account} count={state.total} close={() => setStarting(false)} />}
      <div class="notice" role="alert">
        {notice !== undefined && (
          <p>
            {notice}
            <button type="button" class="quiet" aria-label="Dismiss" onClick={() => notify(undefined)}>
              <Icon name="close" />
            </button>
          </p>
        )}
      </div>
    </div>
  );
}

/** The faults or the frames beside the conversation. The keyboard goes there, and back where it came from. */
function Side({ panel, state }: { readonly panel: Panel; readonly state: State }): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    button.current?.focus();
    return () => document.getElementById(`tool-${panel}`)?.focus();
  }, [panel]);
  return (
    <aside
      class="panel"
      aria-label={TITLES[panel]}
      onKeyDown={(event) => {
        if (event.key === 'Escape') openPanel(undefined);
      }}
    >
      <header>
        <h2>{TITLES[panel]}</h2>
        <button
          ref={button}
          type="button"
          class="quiet"
          aria-label="Close the panel"
          onClick={() => openPanel(undefined)}
        >
          <Icon name="close" />
        </button>
      </header>
      {panel === 'faults' ? <FaultPanel faults={state.faults} /> : <FrameLog frames={state.frames} />}
    </aside>
  );
}

function Welcome({ state, startNew }: { readonly state: State; readonly startNew: () => void }): JSX.Element {
  const { account, agents } = state;
  const online = agents.some(({ availability }) => availability === 'ONLINE');
  return (
    <section class="welcome">
      <h2>Play the consumer</h2>
      <p>
        Start a conversation, or choose one from the list. Everything you do here reaches your bot as it would from the
        platform.
      </p>
      <button type="button" class="primary" onClick={startNew}>
        <Icon name="plus" />
        New conversation
      </button>
      {account && !online && (
        <>
          <p>No agent is online yet. A bot connects with these settings:</p>
          <pre>{`LP_ACCOUNT=${account.accountId}\nLP_CSDS=${location.host}\nLP_USER=${agents[0]?.username ?? ''}`}</pre>
        </>
      )}
    </section>
  );
}

const root = document.getElementById('root');
if (root) {
  if (location.hash.length > 1) select(location.hash.slice(1));
  render(<App />, root);
  connect();
}
