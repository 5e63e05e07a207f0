import { ConfigError } from '@lp/core';
import { checkOptionNames } from '@lp/core/internal';
import { type QuickReplies, QuickRepliesSchema } from '@lp/schemas';
import { checkClick, clickOf, say } from './actions.ts';
import { build, type ContentOptions, checkChannel, checkCount, checkLength } from './build.ts';
import { limitsOf } from './channels.ts';

// The vendor's validators want a number on every channel.
const DEFAULT_PER_ROW = 8;

/** One quick reply. */
export interface QuickReply {
  /** What the button shows: at most 127 characters; most channels show 25. */
  readonly title: string;
  /** Comes back as `message.click.id`, whatever the language of the title. At most 64 characters. */
  readonly id?: string | undefined;
  /** What is said in the consumer's name; default: the title. */
  readonly say?: string | undefined;
}

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
  const { perRow = DEFAULT_PER_ROW, channel } = options;
  checkChannel('quickReplies', channel);
  const limits = limitsOf(channel);
  if (limits.replies === 0) throw new ConfigError(`quickReplies: ${channel} shows none: send a card with buttons`);
  checkCount('quickReplies', 'replies', replies, [1, limits.replies]);
  const buttons = replies.map((given, at) => {
    const reply: QuickReply = typeof given === 'string' ? { title: given } : (given ?? {});
    const whose = `reply ${at + 1} has `;
    checkLength('quickReplies', `${whose}a title`, reply.title, limits.replyTitle);
    checkOptionNames(`quickReplies: reply ${at + 1}`, reply, ['title', 'id', 'say']);
    const click = clickOf('quickReplies', say(reply.say ?? reply.title), reply.id);
    if (channel !== undefined) checkClick('quickReplies', whose, click, channel);
    return { type: 'button', title: reply.title, click };
  });
  return build('quickReplies', QuickRepliesSchema, { type: 'quickReplies', itemsPerRow: perRow, replies: buttons });
}

/** The form on the wire as TypeScript reads it in a variable of its own, without `as const`. Checked before it is sent. */
export interface WrittenQuickReplies {
  /** `quickReplies`. */
  readonly type: string;
  /** The buttons, 1 to 24. */
  readonly replies: readonly { readonly type: string; readonly title: string; readonly [field: string]: unknown }[];
  readonly [field: string]: unknown;
}

/** Quick replies as every option takes them: a list of titles, what {@link quickReplies} made, or the form on the wire. */
export type QuickRepliesInput = QuickReplies | WrittenQuickReplies | readonly (string | QuickReply)[];

/** Quick replies of either form. */
export function toQuickReplies(given: QuickRepliesInput): QuickReplies {
  return Array.isArray(given) ? quickReplies(given as readonly (string | QuickReply)[]) : (given as QuickReplies);
}
