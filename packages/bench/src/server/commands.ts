/** What a client asks of the server, beside the socket that is measured. */
export type Command =
  /** Sends so many messages to so many conversations in turn, numbered in each from 0; `from` were sent before. */
  | { readonly do: 'messages'; readonly count: number; readonly conversations: number; readonly from: number }
  /** Sends so many notifications of conversations, of each in turn; `from` were sent before. */
  | {
      readonly do: 'changes';
      readonly count: number;
      readonly conversations: number;
      readonly from: number;
      /** Of others' conversations, with ids whose pairs nothing has told. */
      readonly foreign?: boolean;
    }
  /** What subscriptions and QueryMessages show each user from now on, and how long a query takes. */
  | {
      readonly do: 'populate';
      readonly conversations: number;
      readonly historyLength: number;
      readonly queryMs?: number;
    }
  /**
   * Consumers talk: in each conversation of each user the messages `from` to `until`, `window` of them ahead of their
   * echoes. Resolves when all are echoed.
   */
  | {
      readonly do: 'talk';
      readonly conversations: number;
      readonly from: number;
      readonly until: number;
      readonly window: number;
      readonly pauseMs?: number;
    }
  /** Resolves when so many different messages have been echoed since `populate`. */
  | { readonly do: 'awaitEchoes'; readonly count: number }
  /** Drops every socket. */
  | { readonly do: 'drop' }
  | { readonly do: 'counts' };

/** What the server has seen since it was asked last. */
export interface Counts {
  readonly http: number;
  readonly upgrades: number;
  readonly requests: Readonly<Record<string, number>>;
  readonly mostQueriesAtOnce: number;
  /** How many conversations new subscriptions have told of, each as often as it was told. */
  readonly told: number;
  /** Messages that were echoed once, and more than once. */
  readonly echoed: number;
  readonly repeated: number;
}
