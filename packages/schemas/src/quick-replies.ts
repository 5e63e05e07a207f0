import * as z from 'zod';
import { ButtonSchema } from './rich-content.ts';

const QuickReplySchema = ButtonSchema.extend({ title: z.string().max(25) });

/** Up to 24 buttons that go away once the conversation goes on. Some channels take fewer. */
export const QuickRepliesSchema = z.strictObject({
  type: z.literal('quickReplies'),
  itemsPerRow: z.int().min(1).max(8).optional(),
  replies: z.array(QuickReplySchema).min(1).max(24),
});
export type QuickReplies = z.infer<typeof QuickRepliesSchema>;
