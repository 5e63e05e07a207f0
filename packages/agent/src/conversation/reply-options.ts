import { ConfigError } from '@lp/core';
import { checkOptionNames } from '@lp/core/internal';
import type { RichContent } from '@lp/schemas';
import { type QuickRepliesInput, toQuickReplies } from '../content/quick-replies.ts';
import { checkOptionValues } from '../link/call.ts';
import type { RequestOptions } from '../link/request-options.ts';
import { MAX_TEXT_LENGTH } from './split-text.ts';
import type { TextSource } from './text-source.ts';

/** What a message can be answered with: a text, one that comes in pieces, or structured content. */
export type AnswerTo = string | TextSource | RichContent;

/** How a text is said. */
export interface TextOptions {
  /** The longest text of one message, in characters: at most 8,000. Default 8,000. */
  maxLength?: number | undefined;
  /**
   * `whole`: the text is gathered, then said. `paragraphs`: each paragraph is said when the next one begins; one of under
   * 200 characters goes with the next. Default `whole`.
   */
  deliver?: 'whole' | 'paragraphs' | undefined;
  /** Whether the rest is left unsaid once the consumer has written again; default false. */
  interruptible?: boolean | undefined;
  /** Whether `COMPOSING` is shown while a text that comes in pieces is made. Default true, but for what the consumer does not see. */
  typing?: boolean | undefined;
}

/** What a reply takes besides its content. */
export interface ReplyOptions extends RequestOptions, TextOptions {
  /** Tells this answer from others to the same message. Default: its place among them. */
  key?: string | undefined;
  /** Buttons below the message, the last one when there are several. */
  quickReplies?: QuickRepliesInput | undefined;
  /** `AGENTS_AND_MANAGERS` hides it from the consumer. Default `ALL`. */
  audience?: 'ALL' | 'AGENTS_AND_MANAGERS' | undefined;
}

/** The names of {@link TextOptions}. */
export const TEXT_OPTIONS = [
  'maxLength',
  'deliver',
  'interruptible',
  'typing',
] as const satisfies readonly (keyof TextOptions)[];

const REPLY_OPTIONS = [
  ...TEXT_OPTIONS,
  ...([
    'key',
    'quickReplies',
    'audience',
    'headers',
    'metadata',
    'encodedMetadata',
    'timeoutMs',
    'signal',
  ] as const satisfies readonly (keyof ReplyOptions)[]),
] as const;

/** @throws ConfigError that names what is wrong. */
export function checkReplyOptions(options: ReplyOptions): void {
  checkOptionNames('reply', options, REPLY_OPTIONS);
  const { deliver, key, maxLength = MAX_TEXT_LENGTH, quickReplies } = options;
  if (!Number.isSafeInteger(maxLength) || maxLength < 1 || maxLength > MAX_TEXT_LENGTH) {
    throw new ConfigError(`reply: maxLength must be a whole number from 1 to ${MAX_TEXT_LENGTH}`);
  }
  if (deliver !== undefined && deliver !== 'whole' && deliver !== 'paragraphs') {
    throw new ConfigError('reply: deliver must be whole or paragraphs');
  }
  if (key !== undefined && (typeof key !== 'string' || key === '')) {
    throw new ConfigError('reply: key must be a text that is not empty');
  }
  checkOptionValues('reply', options);
  // Said with the last part: what is wrong with them must show before the first.
  if (quickReplies) toQuickReplies(quickReplies);
  for (const name of ['interruptible', 'typing'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean')
      throw new ConfigError(`reply: ${name} must be true or false`);
  }
}
