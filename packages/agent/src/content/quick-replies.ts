import { checkOptionNames } from '@lp/core/internal';
import { type Click, type QuickReplies, QuickRepliesSchema } from '@lp/schemas';
import { clickOf, say } from './actions.ts';
import { build, checkCount, checkLength } from './build.ts';

// The vendor's validators want a number on every channel.
const DEFAULT_PER_ROW = 8;

/** One quick reply. */
export interface QuickReply {
  /** What the button shows: at most 127 characters; most channels show 25. */
  readonly title: string;
  /** Comes back as `message.click.id`, whatever the language of the title. At most 64 characters; WhatsApp takes none. */
  readonly id?: string | undefined;
  /** What is said in the consumer's name; default: the title. */
  readonly say?: string | undefined;
}

/** What is shown where no channel is named: how many replies, and characters of a title. */
const SHOWN = { replies: 24, replyTitle: 25 };

/** Quick replies of titles and entries. `check` is asked of each click. */
export function repliesOf(
  replies: readonly (string | QuickReply)[],
  {
    perRow = DEFAULT_PER_ROW,
    shown = SHOWN,
    check,
  }: {
    perRow?: number | undefined;
    shown?: typeof SHOWN;
    check?: ((whose: string, click: Click) => void) | undefined;
  } = {},
): QuickReplies {
  checkCount('quickReplies', 'replies', replies, [1, shown.replies]);
  const buttons = replies.map((given, at) => {
    const reply: QuickReply = typeof given === 'string' ? { title: given } : (given ?? {});
    const whose = `reply ${at + 1} has `;
    checkLength('quickReplies', `${whose}a title`, reply.title, shown.replyTitle);
    checkOptionNames(`quickReplies: reply ${at + 1}`, reply, ['title', 'id', 'say']);
    const click = clickOf('quickReplies', say(reply.say ?? reply.title), reply.id);
    check?.(whose, click);
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

/** Quick replies as every option takes them: a list of titles, what `quickReplies` made, or the form on the wire. */
export type QuickRepliesInput = QuickReplies | WrittenQuickReplies | readonly (string | QuickReply)[];

/** Quick replies of either form. */
export function toQuickReplies(given: QuickRepliesInput): QuickReplies {
  return Array.isArray(given) ? repliesOf(given as readonly (string | QuickReply)[]) : (given as QuickReplies);
}
