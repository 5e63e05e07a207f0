import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitText } from '../../src/conversation/split-text.ts';

const graphemes = (text: string): string[] =>
  [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)]
    .map(({ segment }) => segment)
    .filter((one) => one.trim() !== '');
const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(' ', '\n', '\n\n', '. ', '! ', '👩‍👩‍👧‍👦', 'e\u0301', '\r\n', 'word'),
);
const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));

describe('a text that is split', () => {
  // verifies: stream:split
  it('loses nothing but blanks at its cuts; no part is blank or too long', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 16, max: 60 }), (whole, room) => {
        const parts = splitText(whole, room);
        expect(parts.every((part) => part.length <= room || part === whole)).toBe(true);
        expect(parts.filter((part) => part.trim() === '' && whole.trim() !== '')).toEqual([]);
        expect(parts.flatMap(graphemes)).toEqual(graphemes(whole));
      }),
      { numRuns: 20_000, seed: 1 },
    );
  }, 120_000);

  it.each([
    ['a paragraph', 'aaaa bb.\n\ncccc dd', 12, ['aaaa bb.', 'cccc dd']],
    ['a line', 'aaaa bb\ncccc dd', 12, ['aaaa bb', 'cccc dd']],
    ['a sentence', 'aaaa bb. cccc dd', 12, ['aaaa bb.', 'cccc dd']],
    ['a word', 'aaaa bbbb cccc', 12, ['aaaa bbbb', 'cccc']],
    ['a word, with more blanks behind it than there is room for', 'aaaa bbbb          cccc', 12, ['aaaa bbbb', 'cccc']],
    ['no place of its own, in the midst of a word', 'aaaaaaaaaaaaaa', 12, ['aaaaaaaaaaaa', 'aa']],
    [
      'a word, where the paragraph would leave the part nearly empty',
      'a\n\nbbbb cccc dddd',
      12,
      ['a\n\nbbbb cccc', 'dddd'],
    ],
  ])('is cut after %s', (_, whole, room, parts) => {
    expect(splitText(whole, room)).toEqual(parts);
  });

  it('is left as it is while it fits', () => {
    expect(splitText(' as it is \n', 20)).toEqual([' as it is \n']);
  });
});
