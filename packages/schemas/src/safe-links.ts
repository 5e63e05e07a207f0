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

/** An object on the way to a text: where in it the way goes on, and what it is in itself. */
interface Step {
  readonly value: object;
  readonly key: PropertyKey;
  readonly before: Step | undefined;
}

/**
 * A check for what may hold fields that are not known here: no link in it, however deep, may run code. A text that only
 * begins like such a link is none.
 */
export function linksAreSafe(payload: z.core.ParsePayload): void {
  look(payload, payload.value, '', undefined);
}

/** Each message that is sent goes through here, so it makes nothing but the steps. */
function look(payload: z.core.ParsePayload, given: unknown, name: string, way: Step | undefined): void {
  // A URL is sent as its text.
  const value = hasJsonForm(given) ? given.toJSON() : given;
  if (typeof value === 'string') {
    if (!isLink(name, value)) return;
    payload.issues.push({ code: 'custom', message: EXPECTED, input: payload.value, path: pathOf(way) });
  } else if (typeof value === 'object' && value !== null && !isWithin(value, way)) {
    if (Array.isArray(value)) {
      for (let key = 0; key < value.length; key++) look(payload, value[key], name, { value, key, before: way });
    } else {
      for (const key of Object.keys(value)) {
        look(payload, (value as Record<string, unknown>)[key], key, { value, key, before: way });
      }
    }
  }
}

function isWithin(value: object, way: Step | undefined): boolean {
  for (let step = way; step; step = step.before) if (step.value === value) return true;
  return false;
}

function pathOf(way: Step | undefined): PropertyKey[] {
  return way ? [...pathOf(way.before), way.key] : [];
}

function isLink(name: string, value: string): boolean {
  // What has no colon has no scheme.
  if (!value.includes(':') || !NAMES_A_LINK.test(name) || NAMES_A_TEXT.test(name)) return false;
  const link = plain(value);
  return RUNS_CODE.test(link) && !SHOWS_ONLY.test(link);
}

function hasJsonForm(value: unknown): value is { toJSON(): unknown } {
  return typeof value === 'object' && typeof (value as { toJSON?: unknown } | null)?.toJSON === 'function';
}
