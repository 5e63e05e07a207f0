import { jsonText } from '@lp/core/internal';
import type { PublishableEvent } from '@lp/schemas';
import { hashOf } from '#hash';

const LONGEST_KEY = 24;
const WITHOUT_A_MESSAGE = -1;
// The ids of what was sent in answer to a message in this run, and whether it is known to have failed.
const sent = new WeakMap<object, Map<string, 'sent' | 'failed'>>();

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
 * in another run. Two equal sends of one run are two; one that comes after a failed one is that again, and `wasTried`.
 */
export function contentId(
  message: { readonly dialogId: string; readonly sequence: number },
  event: PublishableEvent,
): { id: string; wasTried: boolean } {
  const content = jsonText('what is sent', [message.dialogId, message.sequence, event]);
  const base = `${idsOf(message.sequence)}${hashOf(content).slice(0, 32)}`;
  const ids = sent.get(message) ?? new Map<string, 'sent' | 'failed'>();
  sent.set(message, ids);
  for (let count = 0; ; count++) {
    const id = count === 0 ? base : `${base}.${count}`;
    const known = ids.get(id);
    if (known === 'sent') continue;
    ids.set(id, 'sent');
    return { id, wasTried: known === 'failed' };
  }
}

/** What was sent with this id in answer to a message has failed; where its outcome is not known, it may have arrived. */
export function noteFailed(message: object, id: string): void {
  const ids = sent.get(message);
  if (ids?.has(id)) ids.set(id, 'failed');
}
