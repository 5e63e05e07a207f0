import { ConfigError } from '@lp/core';
import { checkOptionNames, optionsChecker } from '@lp/core/internal';

/** How the simulated platform behaves where the documentation is silent or servers differ. */
export interface Quirks {
  /** Whether `newerThanSequence` and `olderThanSequence` of QueryMessages leave out the event they name. Default `exclusive`. */
  queryBounds: 'exclusive' | 'inclusive';
  /** Most events in one response to QueryMessages, whatever `maxQuantity` asks for. Default 200. */
  queryPageSize: number;
  /**
   * From which end of the range that is asked for a page is taken: `by-bound` is the newest where only an upper bound is
   * given, else the oldest. Within a page the oldest comes first. Default `by-bound`.
   */
  queryPages: 'by-bound' | 'oldest' | 'newest';
  /** When a new conversation is offered to agents. Default `open`. */
  ringOn: 'open' | 'first-message';
  /** How long a ring waits, in milliseconds. Default 72,000. */
  ringExpirationMs: number;
  /** How long a conversation that every available agent has rejected waits until it is offered again, in milliseconds. Default 5,000. */
  ringReofferMs: number;
  /** Whether a finished ring is followed by a DELETE of its routing task. Default true. */
  ringDelete: boolean;
  /** The share of conversation notifications without `lastContentEventNotification`, 0 to 1. Default 0. */
  omitLastContentEvent: number;
  /** Whether a message's event or the changed conversation is sent first. Default `event-first`. */
  notificationOrder: 'event-first' | 'conversation-first';
  /** Whether a response is sent before or after the notifications its request causes. Default `first`. */
  answerOrder: 'first' | 'last';
  /**
   * Whether the first notification of a subscription, and that of a new conversation, leaves in a later turn and write than
   * the response, or in the same. Default `later`.
   */
  firstNotification: 'later' | 'with-response';
  /** Responses carry `reqId` as a number where it reads as one. Default false. */
  numericIds: boolean;
  /** A list of one change is sent as the bare change. Default false. */
  bareElements: boolean;
  /** Every notification, change and response carries fields nobody knows. Default false. */
  extraFields: boolean;
  /** Agents' ids in the PID form: complete, without the CONTROLLER, or missing altogether. Default `complete`. */
  participantsPId: 'complete' | 'without-controller' | 'missing';
  /** Event records carry `conversationId` and `messageAudience`, as newer servers do. Default true. */
  newerEventFields: boolean;
  /**
   * What consumers and webhooks are shown: as platforms of `today`, or of `2018`, without the state of participants,
   * `conversationHandlerDetails`, and the time of sending on events, and with no word of a dialog without events. Default
   * `today`.
   */
  consumerFrames: 'today' | '2018';
  /** The type of notifications of events to agents; some servers leave out the first part. Default `.ams.ms.OnlineEventDistribution`. */
  eventNotification: '.ams.ms.OnlineEventDistribution' | 'ms.OnlineEventDistribution';
  /** Senders of a typing state see it too. Default true. */
  chatStateEcho: boolean;
  /** The order of a conversation's dialogs. Default `newest-first`. */
  dialogOrder: 'newest-first' | 'main-first';
  /**
   * Most requests of one type that an agent's sockets may send within a second, and most that a caller may send to one
   * REST service; the next get 429. Consumers' sockets, and requests without a token, are spared. Default 0: no limit.
   */
  rateLimit: number;
  /** Whether API keys still log in and sign, or are refused with 401, as since their end in 2026. Default `accepted`. */
  oauth1: 'accepted' | 'refused';
  /** Whether messages may carry `encodedMetadata`, as accounts with that feature can. Default true. */
  encodedMetadata: boolean;
  /** Whether consumers get tokens without saying who they are; they are refused with 428 otherwise. Default true. */
  unauthenticatedMessaging: boolean;
  /** The name under which `signup.jsonp` is told which function to call. Default `callback`; older clients say `cb`. */
  signupCallback: 'callback' | 'cb';
}

const DEFAULTS: Readonly<Quirks> = {
  queryBounds: 'exclusive',
  queryPageSize: 200,
  queryPages: 'by-bound',
  ringOn: 'open',
  ringExpirationMs: 72_000,
  ringReofferMs: 5_000,
  ringDelete: true,
  omitLastContentEvent: 0,
  notificationOrder: 'event-first',
  answerOrder: 'first',
  firstNotification: 'later',
  numericIds: false,
  bareElements: false,
  extraFields: false,
  participantsPId: 'complete',
  newerEventFields: true,
  consumerFrames: 'today',
  eventNotification: '.ams.ms.OnlineEventDistribution',
  chatStateEcho: true,
  dialogOrder: 'newest-first',
  rateLimit: 0,
  oauth1: 'accepted',
  encodedMetadata: true,
  unauthenticatedMessaging: true,
  signupCallback: 'callback',
};

const CHOICES: { readonly [K in keyof Quirks]?: readonly Quirks[K][] } = {
  queryBounds: ['exclusive', 'inclusive'],
  queryPages: ['by-bound', 'oldest', 'newest'],
  ringOn: ['open', 'first-message'],
  notificationOrder: ['event-first', 'conversation-first'],
  answerOrder: ['first', 'last'],
  firstNotification: ['later', 'with-response'],
  participantsPId: ['complete', 'without-controller', 'missing'],
  signupCallback: ['callback', 'cb'],
  consumerFrames: ['today', '2018'],
  eventNotification: ['.ams.ms.OnlineEventDistribution', 'ms.OnlineEventDistribution'],
  oauth1: ['accepted', 'refused'],
  dialogOrder: ['newest-first', 'main-first'],
};

/** The given quirks over the defaults. @throws ConfigError that names an unknown quirk or what a known one may be. */
export function resolveQuirks(given: Partial<Quirks> = {}): Quirks {
  checkOptionNames('quirks', given, Object.keys(DEFAULTS) as (keyof Quirks)[]);
  for (const [name, value] of Object.entries(given)) {
    const choices: readonly unknown[] | undefined = CHOICES[name as keyof Quirks];
    if (choices && !choices.includes(value)) {
      throw new ConfigError(`quirks.${name} must be one of ${choices.join(', ')}`);
    }
    const type = typeof DEFAULTS[name as keyof Quirks];
    if (typeof value !== type || (typeof value === 'number' && !(value >= 0))) {
      throw new ConfigError(`quirks.${name} must be a ${type}${type === 'number' ? ' of at least 0' : ''}`);
    }
  }
  const checker = optionsChecker(given, 'quirks');
  checker.counts(['queryPageSize']);
  checker.some(['omitLastContentEvent'], 'a number from 0 to 1', (share) => Number(share) <= 1);
  return { ...DEFAULTS, ...given };
}
