import * as z from 'zod';

/** A scheme that runs code in the consumer's page. Browsers pass over white space and control characters in it. */
const RUNS_CODE = /^(?:javascript|vbscript|data):/i;
/** What `data:` may hold where a link is not known: of all that a browser shows in a page of its own, SVG has scripts. */
const SHOWS_ONLY = /^data:(?:image\/(?!svg)|audio\/|video\/)/i;
const EXPECTED = 'a link that opens a page, an app or a call, not one that runs code';

const plain = (link: string): string => link.replaceAll(/[\s\p{Cc}]/gu, '');

/** A link that opens something, and runs no code in the consumer's page. */
export function safeLink(text: z.ZodString): z.ZodString {
  // It ends the check, so that what looks at the whole does not tell of the same place again.
  return text.refine((link) => !RUNS_CODE.test(plain(link)), { error: EXPECTED, abort: true });
}

// Elements, actions and metadata that are not known here have their links in fields of their own: they are told by the name.
const NAMES_A_LINK = /ur[il]|href|link|src|target/i;
const NAMES_A_TEXT = /(?:text|title|name|label|caption|description)$/i;

/**
 * A check for what may hold fields that are not known here: no link in it, however deep, may run code. A text that only
 * begins like such a link is none.
 */
export function linksAreSafe(payload: z.core.ParsePayload): void {
  const seen = new Set<unknown>();
  const path: PropertyKey[] = [];
  const visit = (given: unknown, name: string): void => {
    // A URL is sent as its text.
    const value = hasJsonForm(given) ? given.toJSON() : given;
    if (typeof value === 'string') {
      if (!isLink(name, value)) return;
      payload.issues.push({ code: 'custom', message: EXPECTED, input: payload.value, path: [...path] });
    } else if (typeof value === 'object' && value !== null && !seen.has(value)) {
      seen.add(value);
      const isList = Array.isArray(value);
      for (const key of Object.keys(value)) {
        path.push(isList ? Number(key) : key);
        visit((value as Record<string, unknown>)[key], isList ? name : key);
        path.pop();
      }
    }
  };
  visit(payload.value, '');
}

function isLink(name: string, value: string): boolean {
  if (!NAMES_A_LINK.test(name) || NAMES_A_TEXT.test(name)) return false;
  const link = plain(value);
  return RUNS_CODE.test(link) && !SHOWS_ONLY.test(link);
}

function hasJsonForm(value: unknown): value is { toJSON(): unknown } {
  return typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function';
}
