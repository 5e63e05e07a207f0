import { expect, it } from '@jest/globals';
import { classifyClose } from '@lp/transport';

const table: [number, ReturnType<typeof classifyClose>, string][] = [
  [1000, 'retry', 'an orderly end, as before a restart'],
  [1001, 'retry', 'the server goes away'],
  [1002, 'retry', 'a protocol error'],
  [1003, 'fatal', 'text frames are refused'],
  [1005, 'retry', 'no code'],
  [1006, 'retry', 'no close frame'],
  [1007, 'retry', 'a damaged frame'],
  [1008, 'retry', 'a policy'],
  [1009, 'retry', 'a frame too large'],
  [1010, 'fatal', 'an extension is demanded'],
  [1011, 'reauth', 'how the platform ends a stale session'],
  [1012, 'retry', 'a restart'],
  [1013, 'retry', 'overload'],
  [4401, 'reauth', 'the token is missing or expired'],
  [4406, 'retry', 'unknown'],
  [4407, 'reauth', 'the token has to be renewed'],
  [4999, 'retry', 'unknown'],
];

for (const [code, expected, meaning] of table) {
  it(`${code} (${meaning}) is ${expected}`, () => {
    expect(classifyClose(code)).toBe(expected);
  });
}
