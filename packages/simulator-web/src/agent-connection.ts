import { decodeNotification, RequestTypes } from '@lp/schemas';
import { createTransport, type Transport } from '@lp/transport';

/** A notification as the page lists it. */
export interface Line {
  readonly number: number;
  readonly at: number;
  readonly topic: string;
  readonly summary: string;
  readonly body: unknown;
}

export interface AgentConnection {
  readonly transport: Transport;
  close(): Promise<void>;
}

const SUBSCRIPTIONS = [
  { type: RequestTypes.subscribeExConversations, body: { stage: ['OPEN'] } },
  { type: RequestTypes.subscribeRoutingTasks, body: {} },
  { type: RequestTypes.subscribeAgentsState, body: {} },
];

/** Connects with the SDK's transport as the agent whose token it is; every connection subscribes anew. */
export function connectAgent(
  { account, token }: { readonly account: string; readonly token: string },
  tell: { readonly line: (line: Line) => void; readonly status: (text: string) => void },
): AgentConnection {
  const host = location.origin.replace(/^http/, 'ws');
  const transport = createTransport({
    url: () =>
      `${host}/ws_api/account/${encodeURIComponent(account)}/messaging/brand/${encodeURIComponent(token)}?v=2.1`,
    prepare: async ({ request }) => {
      await Promise.all(SUBSCRIPTIONS.map((subscription) => request(subscription)));
    },
    // A wrong token stays wrong: the person is told soon, and gives another.
    reconnect: { maxAttempts: 5, initialMs: 500, loginSpacingMs: 1_000 },
  });
  let count = 0;
  transport.onNotification((frame) => {
    const notification = decodeNotification(frame);
    const at = Date.now();
    if (notification.kind === 'invalid') {
      tell.line({ number: ++count, at, topic: 'unreadable', summary: notification.reason, body: notification.issues });
      return;
    }
    const { topic = 'unknown', type, body } = notification;
    tell.line({ number: ++count, at, topic, summary: summaryOf(notification) ?? type, body });
  });
  void follow(transport, tell.status);
  transport.connect().catch(() => undefined);
  void transport.closed.then((error) => tell.status(error ? `Ended: ${error.message}` : 'Closed'));
  return { transport, close: () => transport.close() };
}

async function follow(transport: Transport, tell: (text: string) => void): Promise<void> {
  for await (const _event of transport.status()) tell(transport.state);
}

type Decoded = Exclude<ReturnType<typeof decodeNotification>, { kind: 'invalid' }>;

function summaryOf(notification: Decoded): string | undefined {
  switch (notification.topic) {
    case 'conversations':
      return few(notification.body.changes, ({ type, result }) => {
        return `${type} ${result.convId} ${result.conversationDetails?.state ?? ''}`;
      });
    case 'messaging':
      return 'event' in notification.body ? eventName(notification.body.event) : undefined;
    case 'routingTasks':
      return few(
        notification.body.changes.flatMap(({ result }) => result.ringsDetails ?? []),
        ({ ringState }) => `ring ${ringState}`,
      );
    case 'agentStates':
      return few(notification.body.changes, ({ result }) => String(result.availability));
    case undefined:
      return undefined;
  }
}

function few<T>(items: readonly T[], describe: (item: T) => string): string {
  const [first] = items;
  if (first === undefined) return 'none';
  return items.length === 1 ? describe(first) : `${items.length} changes`;
}

function eventName(event: unknown): string {
  const { type, message } = event as { type: string; message?: unknown };
  return typeof message === 'string' ? `${type}: ${message}` : type;
}
