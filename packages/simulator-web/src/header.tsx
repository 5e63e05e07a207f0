import type { JSX } from 'preact';
import { openPanel } from './connection.ts';
import { Icon } from './icons.tsx';
import type { Panel, State } from './state.ts';

/** What runs, who is logged in, and what can be opened. */
export function Header({ state }: { readonly state: State }): JSX.Element {
  const { account, agents, connected, faults, panel } = state;
  const inForce = faults.filter((fault) => fault.on).length;
  return (
    <header class="header">
      <h1>
        <img src="icon.svg" alt="" width="28" height="28" />
        <span>LP Simulator</span>
      </h1>
      <p class="account" role="status">
        <span class={`lamp ${connected ? 'up' : 'lost'}`} aria-hidden="true" />
        {connected ? (account?.accountId ?? '') : 'Connection lost, trying again'}
      </p>
      <ul class="agents" aria-label="Agents">
        {agents.map(({ username, availability, conversations }) => (
          <li title={`${username} is ${availability}, ${conversations} open`}>
            <span class={`lamp ${availability.toLowerCase()}`} aria-hidden="true" />
            <span class="agent-name">{username}</span>
            <small>{availability === 'ONLINE' ? `${conversations} open` : availability.toLowerCase()}</small>
          </li>
        ))}
      </ul>
      <div class="header-tools">
        <a class="tool" href={`agent.html#account=${encodeURIComponent(account?.accountId ?? '')}`}>
          <Icon name="code" />
          <span>SDK</span>
        </a>
        <PanelButton panel="faults" open={panel} icon="bolt" label="Faults" badge={inForce} />
        <PanelButton panel="frames" open={panel} icon="rows" label="Frames" badge={0} />
      </div>
    </header>
  );
}

function PanelButton(props: {
  readonly panel: Panel;
  readonly open: Panel | undefined;
  readonly icon: 'bolt' | 'rows';
  readonly label: string;
  readonly badge: number;
}): JSX.Element {
  const isOpen = props.open === props.panel;
  return (
    <button
      type="button"
      id={`tool-${props.panel}`}
      class="tool"
      aria-pressed={isOpen}
      onClick={() => openPanel(isOpen ? undefined : props.panel)}
    >
      <Icon name={props.icon} />
      <span>{props.label}</span>
      {props.badge > 0 && (
        <span class="badge warn" title={`${props.badge} in force`}>
          {props.badge}
        </span>
      )}
    </button>
  );
}
