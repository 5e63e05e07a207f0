// A text is matched as a whole, so that the digits in it are left alone.
const TEXT_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;
const MAYBE_LONG_INTEGER = /[:[,]\s*-?\d{16}/;

/**
 * `JSON.parse`, except that an integer past `Number.MAX_SAFE_INTEGER` arrives as text: as a number it would lose its last
 * digits. Costs one search of the text when it holds no such integer.
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return MAYBE_LONG_INTEGER.test(text) ? JSON.parse(text.replace(TEXT_OR_LONG_INTEGER, quoteUnsafe)) : value;
}

function quoteUnsafe(token: string): string {
  return token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`;
}
