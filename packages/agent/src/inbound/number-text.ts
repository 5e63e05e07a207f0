// Numbers in JSON texts that are not parsed.

// Every whole number of so many digits is exact.
const MOST_DIGITS = 15;

const ZERO = 0x30;
const BLANK = 0x20;
const COMMA = 0x2c;
const BRACE = 0x7d;

/** Where the whole number that begins here ends, blanks before it included; -1 when there is none, or it goes on. */
export function endOfNumber(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) === BLANK) at++;
  const first = at;
  while (isDigit(text.charCodeAt(at))) at++;
  const digits = at - first;
  const isNumber = digits > 0 && digits <= MOST_DIGITS && (digits === 1 || text.charCodeAt(first) !== ZERO);
  const next = text.charCodeAt(at);
  // Else a fraction may follow, or an exponent.
  return isNumber && (next === COMMA || next === BRACE) ? at : -1;
}

/** The whole number that stands there, blanks before it included. `Number` would have to be given a text of its own. */
export function numberIn(text: string, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit !== BLANK) number = 10 * number + unit - ZERO;
  }
  return number;
}

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= ZERO + 9;
}
