import './without-eval.ts';
import { type JSX, render } from 'preact';
import { useState } from 'preact/hooks';
import { type AgentConnection, connectAgent, type Line } from './agent-connection.ts';
import { count, exactTime } from './format.ts';

const MAX_LINES = 200;
const given = new URLSearchParams(location.hash.slice(1));

/** Connects as an agent with the SDK's own transport and shows what the platform tells. */
function AgentPage(): JSX.Element {
  const [connection, setConnection] = useState<AgentConnection | undefined>();
  const [status, setStatus] = useState('idle');
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [token, setToken] = useState(given.get('token') ?? '');
  const [account, setAccount] = useState(given.get('account') ?? '');

  function start(): void {
    setLines([]);
    setConnection(
      connectAgent(
        { account: account.trim(), token: token.trim() },
        { line: (line) => setLines((all) => [line, ...all].slice(0, MAX_LINES)), status: setStatus },
      ),
    );
  }
  async function stop(): Promise<void> {
    await connection?.close();
    setConnection(undefined);
  }

  return (
    <div class="sdk">
      <header class="header">
        <h1>
          <img src="icon.svg" alt="" width="28" height="28" />
          <span>SDK in the browser</span>
        </h1>
        <p class="account" role="status">
          <span class={`lamp ${status === 'connected' ? 'up' : connection ? 'lost' : ''}`} aria-hidden="true" />
          {status}
        </p>
        <div class="header-tools">
          <a class="tool" href="./">
            Chat page
          </a>
        </div>
      </header>
      <main class="sdk-body">
        <div class="sdk-form">
          <form
            class="card sdk-form"
            onSubmit={(event) => {
              event.preventDefault();
              if (connection) void stop();
              else start();
            }}
          >
            <div>
              <h2>Connect with a token</h2>
              <p class="hint">
                @lp/transport and @lp/agent/schemas run in this page. The token goes to this simulator only.
              </p>
            </div>
            <Field label="Account" value={account} change={setAccount} />
            <Field label="Bearer token" value={token} change={setToken} secret />
            <button type="submit" class="primary" disabled={account.trim() === '' || token.trim() === ''}>
              {connection ? 'Disconnect' : 'Connect'}
            </button>
          </form>
          <LogIn account={account} done={setToken} />
        </div>
        <section class="card" aria-label="Notifications">
          <h2>Notifications</h2>
          <p>
            {lines.length === 0
              ? 'What the platform tells the agent appears here.'
              : count(lines.length, 'notification')}
          </p>
          <ul class="sdk-rows" aria-live="polite">
            {lines.map(({ number, at, topic, summary, body }) => (
              <li key={number}>
                <details>
                  <summary>
                    <time>{exactTime(at)}</time>
                    <span class="chip">{topic}</span>
                    {summary}
                  </summary>
                  <pre>{JSON.stringify(body, undefined, 2)}</pre>
                </details>
              </li>
            ))}
          </ul>
        </section>
      </main>
    </div>
  );
}

/** Gets a token as an agent would, through the platform's login. */
function LogIn({ account, done }: { readonly account: string; readonly done: (token: string) => void }): JSX.Element {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState('');
  async function logIn(): Promise<void> {
    const response = await fetch(`/api/account/${encodeURIComponent(account.trim())}/login?v=1.3`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    const login = (await response.json()) as { bearer?: string; error?: { message: string } };
    setProblem(login.error?.message ?? '');
    if (login.bearer !== undefined) done(login.bearer);
  }
  return (
    <form
      class="card sdk-form"
      onSubmit={(event) => {
        event.preventDefault();
        logIn().catch(() => setProblem('The simulator does not respond'));
      }}
    >
      <div>
        <h2>No token yet?</h2>
        <p class="hint">Log in as an agent. Another login of the same agent makes the token before it invalid.</p>
      </div>
      <Field label="Username" value={username} change={setUsername} />
      <Field label="Password" value={password} change={setPassword} secret />
      <button type="submit" disabled={account.trim() === '' || username === '' || password === ''}>
        Get a token
      </button>
      <p class="hint" role="alert">
        {problem}
      </p>
    </form>
  );
}

function Field({
  label,
  value,
  change,
  secret = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly secret?: boolean;
}): JSX.Element {
  const field = {
    value,
    autocomplete: 'off',
    spellcheck: false,
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => change(currentTarget.value),
  };
  return (
    <label>
      {label}
      {secret ? <input type="password" {...field} /> : <input type="text" {...field} />}
    </label>
  );
}

const root = document.getElementById('root');
if (root) {
  // A token in the address must not stay there.
  if (given.has('token'))
    history.replaceState(undefined, '', `${location.pathname}#account=${given.get('account') ?? ''}`);
  render(<AgentPage />, root);
}
