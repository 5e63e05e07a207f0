import * as z from 'zod';
import { looseObject, type OpenFields } from './objects.ts';
import { advisedText, optionalFlag } from './primitives.ts';
import type { Button } from './rich-element-types.ts';
import { ButtonSchema } from './rich-elements.ts';

/** One button below a message. */
export interface QuickReply extends Button {
  /** What the button shows, at most 127 characters; most channels show 25. */
  title: string;
}

/** Buttons that go away once the conversation goes on. */
export interface QuickReplies extends OpenFields {
  /** `quickReplies`. */
  type: 'quickReplies';
  /** How many stand in a row, 1 to 8. */
  itemsPerRow?: number | undefined;
  /** Off once the message is no longer the last. */
  blockSCWhenNotLastMsg?: boolean | undefined;
  /** The consumer cannot type while this is the last message. */
  blockTextInput?: boolean | undefined;
  /** The buttons, 1 to 24, in order. */
  replies: QuickReply[];
}

const QuickReplySchema = ButtonSchema.extend({
  title: advisedText(127, 25),
});

/**
 * Up to 24 buttons that go away once the conversation goes on. Some channels take fewer, and most show 25 characters of a
 * title.
 */
export const QuickRepliesSchema = looseObject(() => ({
  type: z.literal('quickReplies'),
  itemsPerRow: z.int().min(1).max(8).optional(),
  blockSCWhenNotLastMsg: optionalFlag,
  blockTextInput: optionalFlag,
  // Looked into when there is one: see the content of outbound events.
  replies: z
    .array(z.lazy(() => QuickReplySchema))
    .min(1)
    .max(24),
}));
