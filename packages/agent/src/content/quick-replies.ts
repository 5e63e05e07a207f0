import { checkOptionNames } from '@lp/core/internal';
import { type QuickReplies, QuickRepliesSchema } from '@lp/schemas';
import { clickOf, say } from './actions.ts';
import { build, type ContentOptions, checkChannel, checkCount, checkLength } from './build.ts';
import { limitsOf } from './channels.ts';

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
  /** How many stand in a row, 1 to 8. Default: as the channel has it. */
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
  const limits = limitsOf(channel);
  checkCount('quickReplies', 'replies', replies, [1, limits.replies]);
  const buttons = replies.map((given, at) => {
    const reply: QuickReply = typeof given === 'string' ? { title: given } : (given ?? {});
    checkLength('quickReplies', `reply ${at + 1} has a title`, reply.title, limits.replyTitle);
    checkOptionNames(`quickReplies: reply ${at + 1}`, reply, ['title', 'id', 'say']);
    return {
      type: 'button',
      title: reply.title,
      click: clickOf('quickReplies', say(reply.say ?? reply.title), reply.id),
    };
  });
  return build('quickReplies', QuickRepliesSchema, {
    type: 'quickReplies',
    ...(perRow === undefined ? {} : { itemsPerRow: perRow }),
    replies: buttons,
  });
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
