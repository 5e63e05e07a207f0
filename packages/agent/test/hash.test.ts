import { describe, expect, it } from '@jest/globals';
import { hashOf as hashInAPage } from '../src/conversation/hash.browser.ts';
import { hashOf } from '../src/conversation/hash.ts';

describe('the hash that ids are made of', () => {
  it.each(['', 'hello', 'grüße 👋', 'a'.repeat(1_000)])('is the same in a page as under Node: %j', (text) => {
    expect(hashInAPage(text)).toBe(hashOf(text));
    expect(hashOf(text)).toMatch(/^[0-9a-f]{64}$/);
  });
});
