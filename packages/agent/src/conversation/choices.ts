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

/** Which of the choices a message is: by the reply that was pressed, else by its text, trimmed, in any case. */
export function chosen(choices: readonly string[], { click, text }: Message): string | undefined {
  const pressed = choices.find((choice) => choice === click?.id);
  return pressed ?? choices.find((choice) => text !== undefined && normal(choice) === normal(text));
}

function normal(text: string): string {
  return text.trim().toLowerCase();
}
