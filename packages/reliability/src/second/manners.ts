import type { Random } from '../lib/random.ts';

/** How a platform behaves on its good days. The documents leave all of it open; each seed draws its own. */
export interface Manners {
  /** The most events of one response to QueryMessages, and which end of the range they are from. */
  readonly pageSize: number;
  readonly pagesFrom: 'oldest' | 'newest';
  /** Whether `newerThanSequence` gives the event of that number too. */
  readonly inclusive: boolean;
  /** The codes of success. */
  readonly codes: readonly number[];
  /** When notifications of what a request has changed are written. */
  readonly changes: 'before' | 'after' | 'later' | 'any';
  /** Numbers of events that nobody has: up to so many between two events. */
  readonly gap: number;
  readonly firstSequence: number;
  /** Whether events keep the metadata they were sent with. */
  readonly keepsMetadata: boolean;
  /** Whether messages of a conversation may come before the conversation itself. */
  readonly messagesFirst: boolean;
  /** How many conversations the first notification of a subscription holds. */
  readonly conversationPage: number;
  /** The platform's clock is ahead of the agent's by so much. */
  readonly skewMs: number;
  /** Whether the events of a dialog are told in a list or one by one. */
  readonly dialogIsConversation: boolean;
  readonly numberedReads: boolean;
}

const DAY_MS = 86_400_000;

export function drawManners(random: Random): Manners {
  const coin = (): boolean => random.below(2) === 0;
  return {
    pageSize: random.pick([1, 2, 3, 7, 50, Number.POSITIVE_INFINITY]),
    pagesFrom: random.pick(['oldest', 'newest']),
    inclusive: coin(),
    codes: random.pick([[200], [201], [202], [200, 201, 202]]),
    changes: random.pick(['before', 'after', 'later', 'any']),
    gap: random.pick([0, 0, 1, 5]),
    firstSequence: random.pick([0, 0, 1, 17]),
    keepsMetadata: random.below(4) > 0,
    messagesFirst: coin(),
    conversationPage: random.pick([100, 1_000]),
    skewMs: random.pick([0, 0, 180_000, -180_000, DAY_MS, -DAY_MS]),
    dialogIsConversation: coin(),
    numberedReads: coin(),
  };
}
