/**
 * What a lost connection means for the next step: `retry` dials again with the same token, `reauth` with a new one,
 * `fatal` ends the transport with an error, `normal` ends it without one.
 */
export type CloseClass = (typeof CLOSE_CLASSES)[number];

export const CLOSE_CLASSES = ['retry', 'reauth', 'fatal', 'normal'] as const;

const CLASSES: Readonly<Record<number, CloseClass>> = {
  // The platform's servers respond to a stale session with 1011 as well as with their own two codes.
  1011: 'reauth',
  4401: 'reauth',
  4407: 'reauth',
  // The server refuses text frames, or insists on an extension: it would do so every time.
  1003: 'fatal',
  1010: 'fatal',
};

/**
 * The default `classifyClose`. Every other code is `retry`, 1000 too: a server that ends a session in order, as for a
 * restart, is expected back. Where the cause was the token after all, the next upgrade gets 401.
 */
export function classifyClose(code: number): CloseClass {
  return CLASSES[code] ?? 'retry';
}
