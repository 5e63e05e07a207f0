import { ConfigError } from '@lp/core';
import type { QuickReplies } from '@lp/schemas';
import { repliesOf } from '../content/quick-replies.ts';
import type { Message } from './message.ts';

const LONGEST_ID = 64;

/** The choices of a question as quick replies: each known by itself, whatever is done to its title on the way. */
export function choiceReplies(choices: readonly string[]): QuickReplies {
  if (new Set(choices.map(normal)).size < choices.length) {
    throw new ConfigError('ask: two choices are the same but for case and blanks at their ends');
  }
  return repliesOf(choices.map((title) => (title.length <= LONGEST_ID ? { title, id: title } : title)));
}

/**
 * Which of the choices a message is: by the reply that was pressed, else by its text, trimmed, in any case, else as phones
 * write it, where that fits one choice alone.
 */
export function chosen(choices: readonly string[], { click, text }: Message): string | undefined {
  const pressed = choices.find((choice) => choice === click?.id);
  if (pressed !== undefined || text === undefined) return pressed;
  const typed = choices.find((choice) => normal(choice) === normal(text));
  if (typed !== undefined) return typed;
  const [meant, another] = choices.filter((choice) => folded(choice) === folded(text));
  return another === undefined ? meant : undefined;
}

function normal(text: string): string {
  return text.trim().toLowerCase();
}

// What keyboards write for a plain sign, by themselves.
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201B\u02BC`\u00B4\u2032]/g, "'"],
  [/[\u201C-\u201F\u00AB\u00BB\u2033]/g, '"'],
  [/[\u2010-\u2015\u2212]/g, '-'],
  // What shows nothing, as zero-width signs and the style of an emoji, and the colour of its skin.
  [/\p{Default_Ignorable_Code_Point}|\p{Emoji_Modifier}/gu, ''],
];

/** A text as people mean it: without regard to case, blanks, curly quotes, the form of letters and what does not show. Accents count. */
function folded(text: string): string {
  const plain = PLAIN.reduce((rest, [signs, sign]) => rest.replace(signs, sign), text).normalize('NFKC');
  // By way of capitals, for which ß is two and ı is an i; a capital İ leaves its dot behind.
  const lower = plain
    .toUpperCase()
    .toLowerCase()
    .replace(/i\u0307/g, 'i');
  return lower.replace(/\s+/g, ' ').trim();
}
