/** The longest text the platform takes in one message. */
export const MAX_TEXT_LENGTH = 8_000;

// From the best place to cut to the worst; what is matched stays with the part before.
const BOUNDARIES = [/\n[^\S\n]*\n\s*/g, /\n\s*/g, /[.!?…。！？]["'”’)\]]*\s+/g, /\s+/g];

/** Whether nothing of a text shows: it is not said. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}

/**
 * Splits a text into parts of at most `maxLength` characters, none of them blank: after a paragraph, a line, a sentence
 * or a word, else between two graphemes. The first of these beyond a third of the room decides, so that no part is left
 * nearly empty for the sake of a paragraph. Joined, the parts are the text, but for blanks at a cut.
 */
export function splitText(text: string, maxLength = MAX_TEXT_LENGTH): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > maxLength) {
    const start = rest.search(/\S/);
    if (start === -1) break;
    rest = rest.slice(start);
    if (rest.length <= maxLength) break;
    const end = cutOf(rest, maxLength);
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end);
  }
  if (parts.length > 0) rest = rest.trimStart();
  return rest.trim() === '' ? (parts.length > 0 ? parts : [text]) : [...parts, rest];
}

/** How much of the text goes into the first part. */
function cutOf(text: string, room: number): number {
  for (const boundary of BOUNDARIES) {
    const cut = lastEnd(text, boundary, room);
    if (cut > room / 3) return cut;
  }
  return graphemeCut(text, room);
}

/** The end of the last match whose text before it still fits; blanks at the cut may lie beyond the room. */
function lastEnd(text: string, boundary: RegExp, room: number): number {
  let cut = 0;
  for (const match of text.slice(0, room + 1).matchAll(boundary)) {
    const end = match.index + match[0].length;
    if (text.slice(0, end).trimEnd().length <= room) cut = end;
  }
  return cut;
}

/** Between two graphemes; one that is longer than the room is cut between characters. */
function graphemeCut(text: string, room: number): number {
  // A grapheme of any use is far shorter than this.
  const windowStart = Math.max(0, room - 512);
  const window = text.slice(windowStart, room + 512);
  let cut = 0;
  for (const { index } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(window)) {
    if (windowStart + index > room) break;
    cut = windowStart + index;
  }
  if (cut > windowStart) return cut;
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(room - 1));
  return splitsPair && room > 1 ? room - 1 : room;
}
