import fc from 'fast-check';
import type { Fate, ServerTraits } from './server-model.ts';

/** One thing that happens, to the server, the network, or the consumer. */
export type Step =
  | { do: 'publish'; kinds: ('content' | 'status')[]; fate: Fate }
  | { do: 'type' }
  | { do: 'push'; count: number }
  | { do: 'swap pushes' }
  | { do: 'repeat push'; back: number }
  | { do: 'hint'; back: number }
  | { do: 'respond'; as: 'issued' | 'between' | 'now' | 'lagging'; repeat: boolean; reverse: boolean }
  | { do: 'fail query' }
  | { do: 'lose connection' }
  | { do: 'restore connection'; announced: 'before pushes' | 'after a push' }
  | { do: 'outage'; kinds: ('content' | 'status')[]; response: 'during' | 'after' | 'never' }
  | { do: 'read'; count: number }
  | { do: 'pass time'; ms: number };

export interface Schedule {
  readonly traits: ServerTraits;
  readonly capacity: number;
  readonly history: ('content' | 'status')[];
  readonly start: 'beginning' | 'middle' | 'live' | 'looked up';
  readonly accepts: 'all' | 'content';
  readonly told: 'every number pushed' | 'by evidence' | 'nothing';
  readonly end: 'stays open' | 'ended' | 'ended with number';
  /** Whether events get lost and responses lag on a connection that holds; then only a later event can show it. */
  readonly lossy: boolean;
  readonly steps: Step[];
}

const kind = fc.constantFrom<('content' | 'status')[]>('content', 'content', 'status');

const fate = fc.oneof(
  { weight: 14, arbitrary: fc.constant<Fate>('whole') },
  { weight: 2, arbitrary: fc.constant<Fate>('not pushed') },
  { weight: 1, arbitrary: fc.constant<Fate>('not stored') },
  { weight: 1, arbitrary: fc.constant<Fate>('neither') },
);

const step = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      kinds: fc.array(kind, { minLength: 1, maxLength: 8 }),
      fate,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('type' as const) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('push' as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('swap pushes' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat push' as const), back: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hint' as const), back: fc.nat(2) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('respond' as const),
      as: fc.constantFrom('issued' as const, 'between' as const, 'now' as const, 'lagging' as const),
      repeat: fc.boolean(),
      reverse: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail query' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose connection' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('restore connection' as const),
      announced: fc.constantFrom('before pushes' as const, 'before pushes' as const, 'after a push' as const),
    }),
  },
  // Everything that one short outage can do to a query that is out.
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('outage' as const),
      kinds: fc.array(kind, { minLength: 1, maxLength: 4 }),
      response: fc.constantFrom('during' as const, 'after' as const, 'never' as const),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('read' as const), count: fc.integer({ min: 1, max: 8 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pass time' as const), ms: fc.constantFrom(100, 1000, 30_000) }),
  },
);

const traits = fc
  .record({
    stores: fc.constantFrom('all' as const, 'all' as const, 'content' as const),
    pushes: fc.constantFrom('all' as const, 'all' as const, 'content' as const),
    inclusive: fc.boolean(),
    pageLimit: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    tellsEnd: fc.boolean(),
  })
  // An inclusive server that responds with one event at a time could never be read past that event.
  .map((found) => ({
    ...found,
    pageLimit: found.pageLimit === undefined || !found.inclusive ? found.pageLimit : found.pageLimit + 1,
  }));

/** Random schedules of everything that can go wrong between a server and a slow consumer. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  traits,
  capacity: fc.integer({ min: 1, max: 16 }),
  history: fc.array(kind, { maxLength: 12 }),
  start: fc.constantFrom('beginning' as const, 'middle' as const, 'live' as const, 'looked up' as const),
  accepts: fc.constantFrom('all' as const, 'content' as const),
  told: fc.constantFrom('every number pushed' as const, 'by evidence' as const, 'nothing' as const),
  end: fc.constantFrom('stays open' as const, 'ended' as const, 'ended with number' as const),
  lossy: fc.boolean(),
  steps: fc.array(step, { minLength: 10, maxLength: 100, size: 'max' }),
});
