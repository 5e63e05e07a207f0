import { describe, expect, it } from '@jest/globals';
import { Claims } from '../../src/conversation/claims.ts';

describe('which send an event is of', () => {
  it('is known by dialog and number, and free for the same send only', () => {
    const claims = new Claims();
    claims.add('d', 1, 'a');
    claims.add('d', 2, '');
    // Texts of one length, and of the same letters.
    claims.add('ab', 7, 'id');
    expect(claims.isFree('ba', 7, 'other')).toBe(true);
    expect(claims.isFree('ab', 7, 'di')).toBe(false);
    expect(claims.isFree('d', 1, 'a')).toBe(true);
    expect(claims.isFree('d', 1, 'b')).toBe(false);
    expect(claims.isFree('d', 2, 'b')).toBe(false);
    expect(claims.isFree('d', 3, 'b')).toBe(true);
    expect(claims.isFree('e', 1, 'b')).toBe(true);
  });

  it('is forgotten, the oldest first, after thousands of others', () => {
    const claims = new Claims();
    for (let sequence = 0; sequence < 5_001; sequence++) claims.add('d', sequence, 'a');
    expect([0, 1, 5_000].map((sequence) => claims.isFree('d', sequence, 'b'))).toEqual([true, false, false]);
  });
});
