import { expect, it } from '@jest/globals';
import { stripInternal } from '../../tooling/src/strip-internal.mjs';

const DECLARATIONS = `import type { Parts } from './parts.ts';
/** A message. */
export declare class Message {
    /** Its text. */
    readonly text: string;
    /**
     * @internal It is made by the stream.
     */
    constructor(parts: Parts);
    /** @internal */
    get parts(): Parts;
    /** Says something, and nothing of what is internal. */
    reply(text: string): void;
}
/** @internal */
export interface Hidden { readonly parts: Parts }
`;

it('takes what is marked @internal out of declarations, and leaves every other line where it was', () => {
  const lines = DECLARATIONS.split('\n');
  const stripped = stripInternal('message.d.ts', DECLARATIONS).split('\n');
  const hidden = new Set([5, 6, 7, 8, 9, 10, 14, 15]);
  expect(stripped).toEqual(lines.map((line, at) => (hidden.has(at) ? '' : line)));
});

it('leaves declarations without such a mark as they are', () => {
  const code = DECLARATIONS.replaceAll('@internal', 'Internal:');
  expect(stripInternal('message.d.ts', code)).toBe(code);
});
