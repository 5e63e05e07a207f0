import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type BurstPart, nextBurst } from '../../src/conversation/burst.ts';
import { OwnWords } from '../../src/conversation/own-words.ts';

const SETTINGS = { quietMs: 1_500, typingMs: 6_000, maxMs: 15_000, maxMessages: 4 };
const QUIET = { catchingUp: false, ended: false, known: undefined, typingUntil: Number.NEGATIVE_INFINITY };

const ANSWER = { type: 'ContentEvent', contentType: 'text/plain', message: 'answer' } as const;

interface Said {
  readonly gapMs: number;
  readonly alone: boolean;
  readonly closes: boolean;
}

const saidByThem = fc.array(
  fc.record<Said>({
    gapMs: fc.nat(4_000),
    alone: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
    closes: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  }),
  { minLength: 1, maxLength: 12 },
);

function partsOf(said: readonly Said[], recovered: boolean): BurstPart[] {
  let at = 0;
  return said.map(({ gapMs, ...rest }, sequence) => {
    at += gapMs;
    return { ...rest, sequence, at, recovered };
  });
}

/** What is handed out of these messages when they come one after the other and each burst is handled at once. */
function live(parts: readonly BurstPart[]): number[][] {
  const bursts: number[][] = [];
  let waiting: BurstPart[] = [];
  const settle = (now: number) => {
    for (;;) {
      const [first, ...rest] = waiting;
      if (!first) return;
      const { count, dueAt } = nextBurst([first, ...rest], SETTINGS, QUIET);
      if (dueAt > now) return;
      bursts.push(waiting.slice(0, count).map(({ sequence }) => sequence));
      waiting = waiting.slice(count);
    }
  };
  for (const part of parts) {
    settle(part.at);
    waiting.push(part);
    settle(part.at);
  }
  settle(Number.POSITIVE_INFINITY);
  return bursts;
}

/** The same messages, read from the history in one go. */
function recovered(parts: readonly BurstPart[], words = new OwnWords([])): number[][] {
  const bursts: number[][] = [];
  for (let waiting = parts; ; ) {
    const [first, ...rest] = waiting;
    if (!first) return bursts;
    const { count } = nextBurst([first, ...rest], SETTINGS, { ...QUIET, known: words.countAnswered(waiting) });
    bursts.push(waiting.slice(0, count).map(({ sequence }) => sequence));
    waiting = waiting.slice(count);
  }
}

/** As `expect` would say, which takes its time over tens of thousands of cases. */
function same(found: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${one} is not ${other}`);
}

describe('bursts', () => {
  it('are the same whether they are heard or read, when nobody types and each is handled at once', () => {
    const check = () =>
      fc.assert(
        fc.property(saidByThem, (said) => {
          same(recovered(partsOf(said, true)), live(partsOf(said, false)));
        }),
        { numRuns: 4_000, seed: 1 },
      );
    expect(check).not.toThrow();
  });

  it('that were answered are the same when they are read again, whatever joined them', () => {
    const check = () =>
      fc.assert(
        fc.property(saidByThem, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 12 }), (said, sizes) => {
          const parts = partsOf(said, true);
          const answered: number[][] = [];
          for (const size of sizes) {
            const from = (answered.at(-1)?.at(-1) ?? -1) + 1;
            if (from + size > parts.length) break;
            answered.push(parts.slice(from, from + size).map(({ sequence }) => sequence));
          }
          const words = new OwnWords([]);
          for (const burst of answered) words.note(`re-${burst.at(-1)}-r0`, { sequence: 1_000, event: ANSWER });
          same(recovered(parts, words).slice(0, answered.length), answered);
        }),
        { numRuns: 4_000, seed: 2 },
      );
    expect(check).not.toThrow();
  });

  it('hold every message once, in order, and no more than may be in one', () => {
    const check = () =>
      fc.assert(
        fc.property(saidByThem, fc.boolean(), (said, heard) => {
          const parts = partsOf(said, !heard);
          const bursts = heard ? live(parts) : recovered(parts);
          same(
            bursts.flat(),
            parts.map(({ sequence }) => sequence),
          );
          const isWrong = bursts.some((burst) => {
            const members = parts.filter(({ sequence }) => burst.includes(sequence));
            const joins = burst.length > 1 && members.some(({ alone }) => alone);
            return joins || burst.length > SETTINGS.maxMessages || members.slice(0, -1).some(({ closes }) => closes);
          });
          if (isWrong) throw new Error(JSON.stringify(bursts));
        }),
        { numRuns: 2_000, seed: 3 },
      );
    expect(check).not.toThrow();
  });

  it('wait for the history, for the typing, and for nothing that has ended', () => {
    const part = { sequence: 0, at: 0, recovered: true, alone: false, closes: false };
    const due = (state: object, settings = SETTINGS) => nextBurst([part], settings, { ...QUIET, ...state }).dueAt;
    expect(due({ catchingUp: true })).toBe(Number.POSITIVE_INFINITY);
    expect(due({ typingUntil: 6_000 })).toBe(6_000);
    expect(due({ typingUntil: 60_000 })).toBe(15_000);
    expect(due({ ended: true, catchingUp: true })).toBe(Number.NEGATIVE_INFINITY);
  });
});
