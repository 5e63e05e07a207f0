import { AuthError, InvalidCredentialsError, type LpError, type SafeContext } from '@lp/core';
import { parseRetryAfter } from '@lp/core/internal';
import type { HttpResponse } from './http-response.ts';
import { ErrorBodySchema } from './schemas.ts';

/** What an answer says about why it is a refusal, in facts that are safe to log. */
export interface Refusal {
  /** The HTTP status; for an error body with status 200, what its `responseStatus` stands for (500 when unknown). */
  status: number;
  /** The platform's own text, to look for known phrases. Never shown: it may quote what was sent. */
  text: string;
  retryable: boolean;
  context: SafeContext;
}

const NAMED_STATUS: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
};

/** Reads an answer as a refusal; undefined when it is none: status 2xx and no error body. */
export function readRefusal(response: HttpResponse, nowMs: number): Refusal | undefined {
  const body = errorBody(response);
  const success = response.status >= 200 && response.status < 300;
  if (success && body === undefined) return undefined;
  const status = success ? (NAMED_STATUS[body?.responseStatus ?? ''] ?? 500) : response.status;
  return {
    status,
    text: body?.message ?? response.text(),
    retryable: status === 429 || status >= 500,
    context: {
      status,
      retryAfterMs: parseRetryAfter(response.headers['retry-after'], nowMs, response.headers['date']),
      internalCode: safeCode(body?.internalCode),
      responseStatus: safeCode(body?.responseStatus),
    },
  };
}

function errorBody(response: HttpResponse) {
  try {
    return ErrorBodySchema.safeParse(response.json()).data?.error;
  } catch {
    return undefined;
  }
}

function safeCode(code: string | number | undefined): string | number | undefined {
  return code !== undefined && /^(?:-?\d{1,10}|[A-Z][A-Z_]{1,40})$/.test(String(code)) ? code : undefined;
}

/** What a refused login means, and what to check. `fields` names the credentials that were sent. */
export function loginError(refusal: Refusal, host: string, fields: string): LpError {
  const { status, text, retryable } = refusal;
  const options = { retryable, context: { host, ...refusal.context } };
  if (/token_rejected/i.test(text)) {
    return new InvalidCredentialsError(
      'the platform rejected the API key: check that accessToken belongs to appKey, that the key is enabled, and that it holds the user-login permission',
      { ...options, retryable: false },
    );
  }
  if (/signature_invalid/i.test(text)) {
    return new InvalidCredentialsError(
      'the platform could not verify the API key: check secret and accessTokenSecret, and that no blank or line end was copied with them',
      { ...options, retryable: false },
    );
  }
  if (/invalid url received from app server/i.test(text)) {
    return new AuthError(
      `the login service ${host} could not finish the login on its side ("invalid url received from app server"): check that the account id is right and that the user is enabled and of a type that may log in, then try again later`,
      options,
    );
  }
  if (status === 401) return new InvalidCredentialsError(`the platform refused the login: check ${fields}`, options);
  return new AuthError(statusSentence(status, host), options);
}

function statusSentence(status: number, host: string): string {
  if (status === 400)
    return `the login service ${host} found the login malformed (400): check the account id and the kind of credentials`;
  if (status === 403)
    return `the login service ${host} does not let this user log in (403): check the user's profile and permissions`;
  if (status === 404) return `there is no login service for this account at ${host} (404): check the account id`;
  if (status === 429) return `the login service ${host} asks to slow down (429)`;
  if (status === 451) return BLOCKED;
  if (status >= 500) return `the login service ${host} failed (${status})`;
  if (status >= 300 && status < 400)
    return `the login service ${host} answered with a redirect (${status}), which is never followed with credentials`;
  return `the login service ${host} refused the login (${status})`;
}

/** The sentence for status 451, wherever it comes from. */
export const BLOCKED = 'the platform has blocked this account (451): ask LivePerson before trying again';

/** What is remembered instead of tried again: the login service's own no, and a blocked account wherever that is told. */
export function isFinal(error: LpError): boolean {
  return isBlocked(error) || (AuthError.isInstance(error) && !error.retryable);
}

/** True when the platform has blocked the account. */
export function isBlocked(error: LpError): boolean {
  return error.context['status'] === 451;
}

/** How long the platform asks to wait, in milliseconds; 0 when it does not. */
export function retryAfterOf(error: LpError | undefined): number {
  return Number(error?.context['retryAfterMs'] ?? 0);
}
