import * as z from 'zod';
import { looseObject } from './objects.ts';
import { advisedText, optionalFlag } from './primitives.ts';
import { ButtonSchema } from './rich-elements.ts';

const QuickReplySchema = ButtonSchema.extend({ title: advisedText(127, 25) });

/**
 * Up to 24 buttons that go away once the conversation goes on. Some channels take fewer, and most show 25 characters of a
 * title.
 */
export const QuickRepliesSchema = looseObject(() => ({
  type: z.literal('quickReplies'),
  itemsPerRow: z.int().min(1).max(8).optional(),
  blockSCWhenNotLastMsg: optionalFlag,
  blockTextInput: optionalFlag,
  replies: z.array(QuickReplySchema).min(1).max(24),
}));
export type QuickReplies = z.infer<typeof QuickRepliesSchema>;
