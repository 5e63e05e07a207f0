import { checkOptionNames } from '@lp/core/internal';
import type { Click, QuickReplies } from '@lp/schemas';
import { type ContentOptions, checkChannel } from './build.ts';
import { checkClick } from './channel-clicks.ts';
import { limitsOf } from './channels.ts';
import { type QuickReply, repliesOf } from './quick-replies.ts';

/** How the buttons below a message are shown. */
export interface QuickRepliesOptions extends ContentOptions {
  /** How many stand in a row, 1 to 8. Default 8: the most replies then stand in the three rows that are shown. */
  readonly perRow?: number | undefined;
}

/**
 * Buttons below a message that go away once the conversation goes on. A press says the reply in the consumer's name.
 *
 * @example
 * quickReplies(['Yes', 'No']);
 * quickReplies([{ title: 'Yes', id: 'yes', say: 'Yes, please' }], { perRow: 2 });
 *
 * @throws ConfigError for none, more than the channel shows, or a title that is cut: it names the reply and the number.
 */
export function quickReplies(
  replies: readonly (string | QuickReply)[],
  options: QuickRepliesOptions = {},
): QuickReplies {
  checkOptionNames('quickReplies', options, ['perRow', 'channel']);
  const { perRow, channel } = options;
  checkChannel('quickReplies', channel);
  const shown = limitsOf(channel);
  const check = channel && ((whose: string, click: Click) => checkClick('quickReplies', whose, click, channel));
  return repliesOf(replies, { perRow, shown, check });
}
