import { describe, expect, it } from '@jest/globals';
import { choiceReplies, chosen } from '../../src/conversation/choices.ts';
import type { Message } from '../../src/conversation/message.ts';

const pick = (choices: readonly string[], text: string | undefined) =>
  chosen(choices, { text, click: undefined } as unknown as Message);

describe('a choice', () => {
  it.each([
    ['blanks and another case', 'Yes', ' yES '],
    ['a curly apostrophe', "I don't know", 'I don’t know'],
    ['curly quotes', 'The "big" one', 'the “big” one'],
    ['a long dash', 'Mon - Fri', 'Mon – Fri'],
    ['letters in two parts', 'Café', 'Cafe\u0301'],
    ['a blank that does not break', 'Oui !', 'Oui\u00a0!'],
    ['a narrow one', 'Oui !', 'Oui\u202f!'],
    ['two blanks', 'Not sure', 'Not  sure'],
    ['an emoji without its style', '❤️', '❤'],
    ['an emoji of another skin', '👍', '👍🏽'],
    ['signs without a width', 'Yes', '\u200bYes\ufeff'],
    ['wide digits', '1', '１'],
    ['capitals for a sharp s', 'Straße', 'STRASSE'],
    ['a plain i for a capital one with a dot', 'İstanbul', 'istanbul'],
    ['a capital one for one without', 'Hayır', 'HAYIR'],
  ])('is told when it is typed with %s', (_, choice, typed) => {
    expect(pick(['No', choice], typed)).toBe(choice);
    expect(pick(['No', typed], choice)).toBe(typed);
  });

  it.each([
    ['another accent', 'pêche', 'péché'],
    ['a part of it', 'Yes', 'Yes please'],
    ['something else', 'Yes', 'Perhaps'],
    ['no text', 'Yes', undefined],
  ])('is not told from %s', (_, choice, typed) => {
    expect(pick([choice, 'No'], typed)).toBeUndefined();
  });

  it('is told from one that phones may write alike by its own text, and by nothing that fits both', () => {
    const choices = ['Maße', 'Masse', '👍🏻', '👍🏿'];
    for (const choice of choices) expect(pick(choices, choice)).toBe(choice);
    expect(pick(choices, 'MASSE')).toBe('Masse');
    expect(pick(choices, 'Mas\u200bse')).toBeUndefined();
    expect(pick(choices, '👍')).toBeUndefined();
    expect(choiceReplies(choices).replies).toHaveLength(4);
  });
});
