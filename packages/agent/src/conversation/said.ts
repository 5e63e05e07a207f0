import type { OwnWord, OwnWords } from './own-words.ts';
import { partId } from './send-ids.ts';

/** What was said. */
export interface Said {
  /** The number of the (last) message; -1 when nothing was said. */
  readonly sequence: number;
  /** The numbers of all its messages. */
  readonly sequences: readonly number[];
  /** The text as it stands in the dialog, its messages joined; empty for structured content. */
  readonly text: string;
  /**
   * `interrupted`: the consumer wrote, and the rest was not said. `cut`: an earlier run had said the beginning of another
   * text, which was not gone on with.
   */
  readonly outcome: 'complete' | 'interrupted' | 'cut';
  /** Whether all of it had been said before. */
  readonly repeated: boolean;
}

/** One message of an answer. */
export interface SaidPart {
  readonly sequence: number;
  readonly text: string;
}

export function saidOf(
  parts: readonly SaidPart[],
  outcome: Said['outcome'],
  { repeated, joint = '\n' }: { repeated: boolean; joint?: string },
): Said {
  const sequences = parts.map(({ sequence }) => sequence);
  const text = parts.map((part) => part.text).join(joint);
  return { sequence: sequences.at(-1) ?? -1, sequences, text, outcome, repeated };
}

/** What an earlier run has said under an id: all of it, in one message or in parts of which the last is there, or its beginning. */
export function findSaid(words: OwnWords | undefined, id: string): { parts: SaidPart[]; isWhole: boolean } {
  const find = (wanted: string): SaidPart | undefined => {
    const word = words?.find(wanted);
    return word && partOf(word);
  };
  const whole = find(id);
  if (whole) return { parts: [whole], isWhole: true };
  const parts: SaidPart[] = [];
  for (let part = find(partId(id, 0, false)); part; part = find(partId(id, parts.length, false))) parts.push(part);
  const last = find(partId(id, parts.length, true));
  return last ? { parts: [...parts, last], isWhole: true } : { parts, isWhole: false };
}

/** What an earlier run has said in answer to a message where its place alone tells: then all of it is the beginning of a stream. */
export function placedParts(words: OwnWords | undefined, after: number): SaidPart[] {
  const parts: SaidPart[] = [];
  for (let word = words?.takePlaced(after); word; word = words?.takePlaced(after)) parts.push(partOf(word));
  return parts;
}

function partOf({ event, sequence }: OwnWord): SaidPart {
  return { sequence, text: event.type === 'ContentEvent' && typeof event.message === 'string' ? event.message : '' };
}
