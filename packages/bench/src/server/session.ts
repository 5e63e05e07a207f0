import type { WebSocket } from 'ws';
import type { Counts } from './commands.ts';
import { Conversations, type Published } from './conversations.ts';
import type { Echoes } from './echoes.ts';
import { firstNotification, historyOf, timestamp, type User, userOf } from './frames.ts';
import type { Outlet } from './outlet.ts';
import { textFrame } from './template.ts';

/** What subscriptions and queries show of each user. */
export interface Population {
  readonly conversations: number;
  readonly historyLength: number;
  readonly queryMs: number;
}

/** What a session needs of its server. */
export interface SessionParts {
  readonly index: number;
  readonly socket: WebSocket;
  readonly outlet: Outlet;
  readonly echoes: Echoes;
  readonly population: () => Population;
  readonly counts: () => SessionCounts;
}

type SessionCounts = { -readonly [K in 'mostQueriesAtOnce' | 'told']: Counts[K] } & {
  readonly requests: Record<string, number>;
};

/** How many conversations one notification of a new subscription holds. */
const PER_NOTIFICATION = 100;

/** One user's socket: responds to requests. */
export class Session {
  readonly socket: WebSocket;
  readonly outlet: Outlet;
  readonly conversations: Conversations;
  readonly #parts: SessionParts;
  readonly #user: User;
  #queries = 0;
  #subscriptions = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.socket = parts.socket;
    this.outlet = parts.outlet;
    this.#user = userOf(parts.index);
    this.conversations = new Conversations(parts.outlet, this.#user, parts.echoes);
    this.reset();
  }

  reset(): void {
    this.conversations.reset(this.#first, this.#parts.population().historyLength);
  }

  /** The index of this user's first conversation. */
  get #first(): number {
    return this.#parts.index * this.#parts.population().conversations;
  }

  respond(text: string): void {
    const id = valueOf(text, '"id":"');
    const type = valueOf(text, '"type":"');
    const { requests } = this.#parts.counts();
    requests[type] = (requests[type] ?? 0) + 1;
    const say = (responseType: string, body: string, code = 200) =>
      this.outlet.write(
        textFrame(`{"kind":"resp","reqId":"${id}","code":${code},"body":${body},"type":"${responseType}"}`),
      );
    switch (type) {
      case '.GetClock':
        return say('.GetClock$Response', '{"currentTime":1769463151775}');
      case '.ams.ms.PublishEvent': {
        const { body } = JSON.parse(text) as { body: Published };
        return say('.ams.ms.PublishEvent$Response', `{"sequence":${this.conversations.publish(body)}}`);
      }
      case '.ams.ms.QueryMessages':
        return this.#query(text, (body) => say('.ams.ms.QueryMessages$Response', body));
      case '.ams.aam.SubscribeExConversations':
        return this.#subscribe(text, (body) => say('.ams.aam.SubscribeExConversations$Response', body));
      case '.ams.routing.SubscribeRoutingTasks':
        return say('.ams.GenericSubscribe$Response', '{"subscriptionId":"53093abe-a982-4279-8d93-9504cd147b85"}');
      case '.ams.userprofile.GetUserProfile':
        return say('.ams.userprofile.GetUserProfile$Response', '{"firstName":"Ada","userId":"consumer"}');
      default:
        return say('.ReqBody$StringResp', '"OK"');
    }
  }

  #query(text: string, say: (body: string) => void): void {
    const { historyLength, queryMs } = this.#parts.population();
    const { dialogId, newerThanSequence } = (
      JSON.parse(text) as { body: { dialogId: string; newerThanSequence: number } }
    ).body;
    const counts = this.#parts.counts();
    counts.mostQueriesAtOnce = Math.max(counts.mostQueriesAtOnce, ++this.#queries);
    const index = Number(dialogId.slice(-12));
    const history = newerThanSequence < historyLength - 1 ? historyOf(this.#user, index, historyLength) : [];
    const respondNow = () => {
      this.#queries--;
      say(JSON.stringify(history.slice(newerThanSequence + 1)));
    };
    if (queryMs > 0) setTimeout(respondNow, queryMs);
    else respondNow();
  }

  /** Tells of those that were not changed after the bound, the earliest first: the old client asks for no further page. */
  #subscribe(text: string, say: (body: string) => void): void {
    const { conversations, historyLength } = this.#parts.population();
    const { maxLastUpdatedTime = Number.POSITIVE_INFINITY } = (
      JSON.parse(text) as { body: { maxLastUpdatedTime?: number } }
    ).body;
    const subscriptionId = `subscription-${++this.#subscriptions}`;
    say(JSON.stringify({ subscriptionId }));
    const end = Math.min(this.#first + conversations, maxLastUpdatedTime - Number(timestamp(0)) + 1);
    let from = this.#first;
    // One that matches nothing is told as well.
    do {
      const to = Math.max(from, Math.min(from + PER_NOTIFICATION, end));
      this.#parts.counts().told += to - from;
      this.outlet.write(
        textFrame(firstNotification(this.#user, { subscriptionId, from, to, lastSequence: historyLength - 1 })),
      );
      from += PER_NOTIFICATION;
    } while (from < end);
  }
}

function valueOf(text: string, key: string): string {
  const start = text.indexOf(key) + key.length;
  return text.slice(start, text.indexOf('"', start));
}
