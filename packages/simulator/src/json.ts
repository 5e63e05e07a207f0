/** What nests deeper than this cannot be written again for certain: that takes a stack frame for each level. */
const MAX_DEPTH = 500;

/** What JSON from outside says; undefined for what is none, or is nested more than 500 deep. */
export function readJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // Each level takes two characters at least.
  return text.length <= 2 * MAX_DEPTH || isFlatter(value, MAX_DEPTH) ? value : undefined;
}

function isFlatter(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isFlatter(each, levels - 1));
}

/** A value that was read from JSON, as text: a list with commas between its entries, anything else as its JSON. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join();
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
