import { AuthError, type LpError, NotConnectedError, type SafeContext } from '@lp/core';
import { isBusy, isPlatformError, judgeResponse, parseRetryAfter, type SeenResponse, wordsOf } from '@lp/core/internal';
import type { HttpResponse } from './http-response.ts';
import { ErrorBodySchema } from './schemas.ts';

/** What a response says about why it is a refusal, in facts that are safe to log. */
export interface Refusal {
  /** The HTTP status; for an error body with status 200, what its `responseStatus` stands for (500 when unknown). */
  status: number;
  /** The platform's own text, to look for known phrases. Never shown: it may quote what was sent. */
  text: string;
  retryable: boolean;
  context: SafeContext;
}

const NAMED_STATUS: ReadonlyMap<string | undefined, number> = new Map(
  Object.entries({
    BAD_REQUEST: 400,
    UNAUTHORIZED: 401,
    FORBIDDEN: 403,
    NOT_FOUND: 404,
  }),
);

/** What the platform says without its JSON, also in a page. */
const KNOWN_SENTENCES = /oauth_problem=|token_rejected|signature_invalid|invalid url received from app server/i;

/**
 * Reads a response as a refusal; undefined when it is none: status 200 and no error body. `sentLogin`: what was sent may be
 * refused, as that of the look-up cannot.
 * @throws NotConnectedError, which may be tried again, for what something in the way has responded in the platform's place.
 */
export function readRefusal(
  response: HttpResponse,
  nowMs: number,
  { sentLogin = true }: { sentLogin?: boolean } = {},
): Refusal | undefined {
  const body = errorBody(response);
  checkPlatformResponded(response, sentLogin);
  const success = response.status >= 200 && response.status < 300;
  if (success && body === undefined) return undefined;
  const status = success ? (NAMED_STATUS.get(body?.responseStatus) ?? 500) : response.status;
  return {
    status,
    text: body?.message ?? response.text(),
    retryable: isBusy(status),
    context: {
      status,
      retryAfterMs: parseRetryAfter(response.headers['retry-after'], nowMs, response.headers['date']),
      internalCode: safeCode(body?.internalCode),
      responseStatus: safeCode(body?.responseStatus),
    },
  };
}

/** What a response shows of who has said it. */
export function seenOf(response: HttpResponse): SeenResponse {
  const text = response.text();
  const isPlatforms = isPlatformError(response.status, text) || KNOWN_SENTENCES.test(text);
  return { status: response.status, contentType: response.headers['content-type'], text, isPlatforms };
}

function checkPlatformResponded(response: HttpResponse, sentLogin: boolean): void {
  const { host, status } = response;
  const seen = seenOf(response);
  const judgement = judgeResponse(seen);
  // A bare 401 or 451 is taken for the platform's own: to go on with a refused login could lock the user out.
  const isTaken = status === 451 || (status === 401 && sentLogin);
  if (judgement !== 'inTheWay' && (judgement !== 'unclear' || isTaken)) return;
  throw new NotConnectedError(
    `${host} responded with ${wordsOf(seen)}: something is in the way to the platform${judgement === 'unclear' ? '; if it stays so, check the account id and what the user may do' : ''}`,
    { context: { host, status, ...(judgement === 'unclear' && { unclear: true }) } },
  );
}

/** Whether a failure is a no that may not be the platform's. */
export function isUnclear(error: LpError): boolean {
  return error.context['unclear'] === true;
}

function errorBody(response: HttpResponse) {
  try {
    return ErrorBodySchema.safeParse(response.json(), { jitless: true }).data?.error;
  } catch {
    return undefined;
  }
}

function safeCode(code: string | number | undefined): string | number | undefined {
  return code !== undefined && /^(?:-?\d{1,10}|[A-Z][A-Z_]{1,40})$/.test(String(code)) ? code : undefined;
}

/** The sentence for status 451, wherever it comes from. */
export const BLOCKED = 'the platform has blocked this account or user (451): ask LivePerson before trying again';

/** What is remembered instead of tried again: the login service's own no, and a block wherever that is told. */
export function isFinal(error: LpError): boolean {
  return isBlocked(error) || (AuthError.isInstance(error) && !error.retryable);
}

/** True when the platform has blocked the account or the user. */
export function isBlocked(error: LpError): boolean {
  // A page with that status is a filter's on the way, and goes as it came.
  return error.context['status'] === 451 && !error.retryable;
}
