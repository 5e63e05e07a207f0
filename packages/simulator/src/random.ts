/** Repeatable randomness: the same seed gives the same ids and the same faults. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  hex(length: number): string;
  digits(length: number): string;
  uuid(): string;
  /** 22 characters of base64url, the look of a dialog id. */
  key(): string;
}

const HEX = '0123456789abcdef';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A small fast counter generator (sfc32), warmed up so that near seeds differ from the first number on. */
export function createRandom(seed: number): Random {
  let a = seed | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x243f6a88 | 0;
  let counter = 1;

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  }
  for (let i = 0; i < 16; i++) next();

  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = (alphabet: string, length: number): string => {
    let text = '';
    for (let i = 0; i < length; i++) text += alphabet.charAt(below(alphabet.length));
    return text;
  };
  return {
    next,
    below,
    hex: (length) => pick(HEX, length),
    // A leading zero would be lost where the id is read as a number.
    digits: (length) => String(1 + below(9)) + pick('0123456789', length - 1),
    uuid: () => `${pick(HEX, 8)}-${pick(HEX, 4)}-4${pick(HEX, 3)}-${pick('89ab', 1)}${pick(HEX, 3)}-${pick(HEX, 12)}`,
    key: () => pick(BASE64URL, 22),
  };
}
