import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { textParts } from '../../src/conversation/paragraphs.ts';
import { SaidPrefix } from '../../src/conversation/text-source.ts';

const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(' ', '\n', '\n\n', '\n \n', '\r\n\r\n', '. ', '👩‍👩‍👧‍👦', 'e\u0301', 'word '.repeat(45)),
);
const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
const deliver = fc.constantFrom('whole' as const, 'paragraphs' as const);
const room = fc.integer({ min: 16, max: 600 });

const bare = (whole: string) => whole.replace(/\s+/g, '');

/** The text in pieces of these lengths, over and over; a piece may end within a character. */
function chunk(whole: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let index = 0, turn = 0; index < whole.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(whole.slice(index, index + length));
    index += length;
  }
  return pieces;
}

function partsOf(pieces: readonly string[], how: 'whole' | 'paragraphs', maxLength: number) {
  const parts = textParts(how, maxLength);
  const early = pieces.flatMap((one) => parts.push(one));
  return { early, all: [...early, ...parts.end()] };
}

describe('a text that comes in pieces', () => {
  it('makes the same messages however it is cut into pieces', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(text, deliver, room, lengths, (whole, how, maxLength, cuts) => {
        expect(partsOf(chunk(whole, cuts), how, maxLength)).toEqual(partsOf([whole], how, maxLength));
      }),
      { numRuns: 20_000, seed: 1 },
    );
  }, 120_000);

  it('loses nothing but blanks; no message is blank or too long, and one always follows those said early', () => {
    fc.assert(
      fc.property(text, deliver, room, (whole, how, maxLength) => {
        const { all, early } = partsOf([whole], how, maxLength);
        expect(bare(all.join(''))).toBe(bare(whole));
        expect(all.filter((part) => part.trim() === '' || part.length > maxLength)).toEqual([]);
        expect(early.length === 0 || all.length > early.length).toBe(true);
      }),
      { numRuns: 20_000, seed: 1 },
    );
  }, 120_000);

  it('says a paragraph when the next one begins, and a short one with the next', () => {
    const long = 'x'.repeat(200);
    const parts = textParts('paragraphs');
    expect(parts.push(`short\n\n${long}\n`)).toEqual([]);
    expect(parts.push(' \n\n')).toEqual([]);
    expect(parts.push('next')).toEqual([`short\n\n${long}`]);
    expect(parts.push('\n\nlast\n')).toEqual([]);
    expect(parts.end()).toEqual(['next\n\nlast']);
  });

  it('is found to begin with what was said, whatever blanks were lost, and only then', () => {
    fc.assert(
      fc.property(
        text,
        fc.nat(400),
        room,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (whole, n, max, cuts) => {
          const said = textParts('whole', max);
          said.push(whole.slice(0, n));
          const prefix = new SaidPrefix(said.end().join('\n'));
          const rest = chunk(whole, cuts).map((one) => prefix.rest(one));
          expect([prefix.passed, prefix.differs]).toEqual([true, false]);
          expect(bare(rest.join(''))).toBe(bare(whole.slice(n)));
        },
      ),
      { numRuns: 1_000 },
    );
    const other = new SaidPrefix('one two');
    expect([other.rest('one '), other.rest('three'), other.differs]).toEqual(['', '', true]);
  });
});
