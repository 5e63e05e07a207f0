import type { Actions, FeedMessage, FeedRequest, Started } from '../../simulator/src/web/page-api.ts';
import { applied, type Panel, selected } from './state.ts';
import { getState, setState } from './store.ts';

const RETRY_MS = 1_000;
const NOTICE_MS = 6_000;
let socket: WebSocket | undefined;
let noticeTimer: number | undefined;

/** Keeps the page told of what happens, over every loss of the connection. */
export function connect(): void {
  socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/simulator/feed`);
  socket.onopen = () => {
    setState((state) => ({ ...state, connected: true }));
    ask();
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as FeedMessage;
    setState((state) => applied(state, message));
  };
  socket.onclose = () => {
    setState((state) => ({ ...state, connected: false }));
    setTimeout(connect, RETRY_MS);
  };
}

export function select(id: string | undefined, { writing = false } = {}): void {
  setState((state) => selected(state, id, writing));
  history.replaceState(undefined, '', id === undefined ? location.pathname : `#${id}`);
  ask();
}

export function openPanel(panel: Panel | undefined): void {
  setState((state) => ({ ...state, panel }));
  ask();
}

export function notify(notice: string | undefined): void {
  clearTimeout(noticeTimer);
  setState((state) => ({ ...state, notice }));
  if (notice !== undefined) noticeTimer = setTimeout(() => notify(undefined), NOTICE_MS);
}

/** Asks the server to do something; what goes wrong is shown. Gives undefined then. */
export async function act<A extends keyof Actions>(action: A, body: Actions[A]): Promise<Partial<Started> | undefined> {
  try {
    const response = await fetch(`/simulator/do/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const result = (await response.json()) as Partial<Started> & { error?: string };
    if (response.ok) return result;
    notify(result.error ?? 'It did not work');
  } catch {
    notify('The simulator does not respond');
  }
  return undefined;
}

function ask(): void {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const { selected: conversationId, panel } = getState();
  const request: FeedRequest = { conversationId, frames: panel === 'frames' };
  socket.send(JSON.stringify(request));
}
