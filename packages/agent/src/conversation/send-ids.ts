import { jsonText } from '@lp/core/internal';
import type { PublishableEvent } from '@lp/schemas';
import { hashOf } from '#hash';

const LONGEST_KEY = 24;
const WITHOUT_A_MESSAGE = -1;
// How often the same was said in answer to a message, in this run.
const occurrences = new WeakMap<object, Map<string, number>>();

/**
 * The id of an answer to a message: made of the message and the answer's place among those to it, never of its content,
 * which may be another one the second time.
 */
export function replyId(sequence: number, key: string): string {
  const isPlain = key.length <= LONGEST_KEY && /^[\w-]+$/.test(key);
  return `${idsOf(sequence)}${isPlain ? key : hashOf(key).slice(0, LONGEST_KEY)}`;
}

/** What the ids of all that is said in answer to a message begin with. */
export function idsOf(sequence: number): string {
  return `re-${sequence}-`;
}

/** The id of something that is said once in a dialog. */
export function keyedId(key: string): string {
  return replyId(WITHOUT_A_MESSAGE, key);
}

/** The id of a question: made of the message being handled, the question's name, and how often it was asked there before. */
export function questionId(sequence: number, name: string, count: number): string {
  return `${idsOf(sequence)}q${hashOf(JSON.stringify([name, count])).slice(0, LONGEST_KEY - 1)}`;
}

/** The ids of an answer's parts; the dot at the end marks the last of several. */
export function partId(id: string, part: number, isLast: boolean): string {
  return `${id}.${part}${isLast ? '.' : ''}`;
}

/**
 * The id of a send that names the message it answers: the same whenever the same is sent in answer to the same message
 * in another run. Two equal sends of one run are two.
 */
export function contentId(
  message: { readonly dialogId: string; readonly sequence: number },
  event: PublishableEvent,
): string {
  const content = jsonText('what is sent', [message.dialogId, message.sequence, event]);
  const counts = occurrences.get(message) ?? new Map<string, number>();
  occurrences.set(message, counts);
  const count = counts.get(content) ?? 0;
  counts.set(content, count + 1);
  return `${idsOf(message.sequence)}${hashOf(content).slice(0, 32)}${count === 0 ? '' : `.${count}`}`;
}
