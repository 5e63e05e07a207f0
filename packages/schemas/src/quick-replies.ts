import * as z from 'zod';
import { looseObject } from './objects.ts';
import { advisedText, optionalFlag } from './primitives.ts';
import { ButtonSchema } from './rich-elements.ts';

const QuickReplySchema = ButtonSchema.extend({
  /** What the button shows; most channels show 25 characters. */
  title: advisedText(127, 25),
});

/**
 * Up to 24 buttons that go away once the conversation goes on. Some channels take fewer, and most show 25 characters of a
 * title.
 */
export const QuickRepliesSchema = looseObject(() => ({
  /** `quickReplies`. */
  type: z.literal('quickReplies'),
  /** How many stand in a row, 1 to 8. */
  itemsPerRow: z.int().min(1).max(8).optional(),
  /** Off once the message is no longer the last. */
  blockSCWhenNotLastMsg: optionalFlag,
  /** The consumer cannot type while this is the last message. */
  blockTextInput: optionalFlag,
  /** The buttons, 1 to 24. */
  replies: z.array(QuickReplySchema).min(1).max(24),
}));
export type QuickReplies = z.infer<typeof QuickRepliesSchema>;
