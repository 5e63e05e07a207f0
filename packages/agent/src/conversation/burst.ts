import type { SettleSettings } from './settle.ts';

/** A message that may be part of a burst. */
export interface BurstPart {
  readonly sequence: number;
  /** When it was said, by this machine's clock. */
  readonly at: number;
  /** Whether it comes from the history: then what was said when tells where bursts end. */
  readonly recovered: boolean;
  /** Whether it is a burst by itself: one that no consumer has said. */
  readonly alone: boolean;
  /** Whether nothing is waited for behind it: a file, structured content, a press. */
  readonly closes: boolean;
}

/** What is known besides the messages. */
export interface BurstState {
  /** When the consumer's typing is over at the latest. */
  readonly typingUntil: number;
  /** Whether the history may have more to say. */
  readonly catchingUp: boolean;
  /** Whether nothing more will come. */
  readonly ended: boolean;
  /** How many of the messages were a burst in an earlier run. */
  readonly known: number | undefined;
}

/** How many of the messages are the next burst, and when: by the clock, or not before something changes. */
export interface Burst {
  readonly count: number;
  readonly dueAt: number;
}

const AT_ONCE = Number.NEGATIVE_INFINITY;
const NOT_YET = Number.POSITIVE_INFINITY;

/** The burst that the first of these messages belongs to. There must be one. */
export function nextBurst(
  parts: readonly [BurstPart, ...BurstPart[]],
  { maxMessages, maxMs, quietMs }: SettleSettings,
  { catchingUp, ended, known, typingUntil }: BurstState,
): Burst {
  if (known !== undefined) return { count: known, dueAt: AT_ONCE };
  const [first] = parts;
  let last: BurstPart = first;
  for (const [count, part] of parts.entries()) {
    // Where nobody waited, the times tell what would have been handed out before the next one came.
    const isLate = part.recovered && (part.at - last.at >= quietMs || part.at - first.at >= maxMs);
    if (count > 0 && (part.alone || isLate)) return { count, dueAt: AT_ONCE };
    last = part;
    if (part.alone || part.closes || count + 1 === maxMessages) return { count: count + 1, dueAt: AT_ONCE };
  }
  const count = parts.length;
  if (ended) return { count, dueAt: AT_ONCE };
  if (last.recovered && catchingUp) return { count, dueAt: NOT_YET };
  return { count, dueAt: Math.min(first.at + maxMs, Math.max(last.at + quietMs, typingUntil)) };
}
