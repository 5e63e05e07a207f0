import type { Publisher } from './confirmed-publish.ts';
import { type Answerable, READER } from './message-reader.ts';
import { checkReplyOptions, type TextOptions } from './reply-options.ts';
import type { Said } from './said.ts';
import { replyId } from './send-ids.ts';
import { checkSendValues, type SendOptions } from './sending.ts';
import { sayStream } from './stream-reply.ts';
import type { TextSource } from './text-source.ts';

// How many streams were sent in answer to a message, in this run.
const sent = new WeakMap<object, number>();

/**
 * Sends a text that comes in pieces. In answer to a message, its id is made of its place among the streams that were
 * sent so; with a key it is said once in the dialog; with neither, once as long as the process lives.
 */
export function sendStream(
  publisher: Publisher,
  place: { readonly conversationId: string; readonly dialogId: string },
  source: TextSource,
  given: SendOptions & TextOptions,
): Promise<Said> {
  const { confirm: _, dialogId, inReplyTo, key, ...options } = given;
  checkReplyOptions(options);
  checkSendValues('send', given);
  const answered: Answerable | undefined = inReplyTo;
  const { conversationId } = place;
  if (answered && key === undefined) {
    const count = sent.get(answered) ?? 0;
    sent.set(answered, count + 1);
    const message = { ...placeOf(answered), conversationId, dialogId: dialogId ?? answered.dialogId };
    const id = replyId(answered.sequence, `s${count}`);
    const say = () => sayStream(publisher, message, source, { id, options });
    return answered[READER]?.pending.add(say) ?? say();
  }
  const id = key === undefined ? globalThis.crypto.randomUUID() : replyId(-1, key);
  // What is said once in a dialog is looked for in all of it.
  const message = { conversationId, dialogId: dialogId ?? place.dialogId, sequence: -1, recovered: key !== undefined };
  return sayStream(publisher, message, source, { id, options });
}

function placeOf({ [READER]: reader, recovered, sequence }: Answerable) {
  return { [READER]: reader, recovered, sequence };
}
