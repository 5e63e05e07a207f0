import { expect, it } from '@jest/globals';
import { codeBlocks, documents, readmes } from './documents.ts';

// A file, a picture or a card has no text: a program that puts it into a sentence as it is says "undefined" to a consumer.
it('no program of a document puts the text of a message into its own without a word for what has none', () => {
  const blocks = [...documents, ...readmes].flatMap(codeBlocks);
  expect(blocks.length).toBeGreaterThan(30);
  const careless = blocks.filter(({ code }) => /\$\{\s*\w*message\.text\s*\}/.test(code));
  expect(careless.map(({ place }) => place)).toEqual([]);
});
