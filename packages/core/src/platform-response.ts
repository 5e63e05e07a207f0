/** What is known of an HTTP response at one of the platform's doors: look-up, login, refresh, or the socket's upgrade. */
export interface SeenResponse {
  readonly status: number;
  readonly contentType?: string | readonly string[] | undefined;
  /** Its body, where there is one at hand. */
  readonly text?: string | undefined;
  /** Whether it holds what only the platform says: its JSON for errors, or one of its known sentences. */
  readonly isPlatforms: boolean;
}

/**
 * Who says what. `success`: the call's own business goes on. `refused`: the platform's own no, which is final. `unclear`:
 * a no without the platform's words; one that goes on is believed, see {@link isBelieved}. `busy`: to be tried later, see {@link isBusy}. `inTheWay`: not
 * the platform but something before it (a portal, a firewall, a proxy), which goes away as it came and is never final.
 */
export type Judgement = 'success' | 'refused' | 'unclear' | 'busy' | 'inTheWay';

/** The one table for all doors. */
export function judgeResponse(response: SeenResponse): Judgement {
  const { status, isPlatforms } = response;
  if (status === 407 || status === 511) return 'inTheWay';
  if (isBusy(status)) return 'busy';
  if (status < 200 || (status >= 300 && status < 400)) return 'inTheWay';
  if (isPlatforms) return status < 300 ? 'success' : 'refused';
  if (isPage(response)) return 'inTheWay';
  if (status === 200) return 'success';
  // Its doors respond with 200 alone when all is well.
  return status < 300 ? 'inTheWay' : 'unclear';
}

/** 429 and 5xx, and what a server or a gateway says of a request that came too slowly, too early or the wrong way. */
export function isBusy(status: number): boolean {
  return status >= 500 || [408, 421, 425, 429].includes(status);
}

/**
 * Whether a response's JSON is the platform's for errors: `error` with a message, or a sentence. Gateways have JSON of
 * their own, with a code of another kind or the mere name of the status.
 */
export function isPlatformError(status: number, text: string): boolean {
  let error: unknown;
  try {
    ({ error } = (JSON.parse(text) ?? {}) as { error?: unknown });
  } catch {
    return false;
  }
  if (typeof error === 'string') return error !== '' && plain(error) !== plain(REASONS.get(status) ?? '');
  return typeof error === 'object' && error !== null && 'message' in error && !('code' in error);
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [409, 'Conflict'],
  [410, 'Gone'],
]);

const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]/g, '');

/** What was seen, in words. Quotes nothing. */
export function wordsOf(response: SeenResponse): string {
  const { status } = response;
  if (status === 407) return 'a proxy that wants credentials (407)';
  if (status === 511) return 'a network that wants a sign-in first (511)';
  if (status >= 300 && status < 400) return `a redirect (${status}), which is never followed`;
  if (isPage(response)) return `an HTML page (${status}), not the platform`;
  return status < 300
    ? `something that is not the platform's (${status})`
    : `${status} without the platform's own words`;
}

/** Refusals in a row that may not be the platform's, for how long they have gone on, and when the last of them came. */
export interface Doubts {
  readonly count: number;
  readonly forMs: number;
  readonly last: number;
}

const BELIEVED_AFTER = 3;
const BELIEVED_AFTER_MS = 10 * 60_000;
// Between two of them the machine may have slept, or its clock been set: nothing was refused meanwhile.
const LONGEST_GAP_MS = 5 * 60_000;

/** Counts another one. */
export function doubt(before: Doubts | undefined, now: number): Doubts {
  if (!before) return { count: 1, forMs: 0, last: now };
  const gapMs = Math.min(LONGEST_GAP_MS, Math.max(0, now - before.last));
  return { count: before.count + 1, forMs: before.forMs + gapMs, last: now };
}

/** Whether they have gone on for so long that nothing in the way explains them: three at least, for ten minutes. */
export function isBelieved({ count, forMs }: Doubts): boolean {
  return count >= BELIEVED_AFTER && forMs >= BELIEVED_AFTER_MS;
}

// Blanks and comments may come first. No comment can be read in two ways, so that many of them take no time.
const PAGE_START =
  /^(?:\s|<!--(?:(?!-->)[^])*-->)*<(?:\?xml|!doctype|html|head|title|base|meta|link|style|script|noscript|body|frameset)(?![\w-])/i;

/** Whether a response is a page for people, by its type or by how it begins: the platform responds with none. */
export function isPage({ contentType, text = '' }: Pick<SeenResponse, 'contentType' | 'text'>): boolean {
  const type = typeof contentType === 'string' ? contentType : (contentType?.[0] ?? '');
  return /html/i.test(type) || PAGE_START.test(text);
}
