import type { Clock } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import { isRawBody } from './http-body.ts';
import { checkKeys, checkSigning, type OAuth1Keys, signOAuth1 } from './oauth1.ts';
import type { SessionManager } from './session-manager-types.ts';

/** What of a REST call its authorization may depend on. */
export interface AuthorizableRequest {
  /** In capital letters. */
  readonly method: string;
  /** As it is sent, with its query. */
  readonly url: URL;
  /** As it was given to the call. */
  readonly body: unknown;
}

/** What puts one REST call's `Authorization` header there. */
export interface Authorization {
  /** The header's whole value. */
  readonly header: string;
  /** What the header stands on, such as a session: one that a service refused although it is new is not renewed for it again soon. */
  readonly source: object;
  /**
   * Called when a service said 401, to have a better header at the next `authorize`. `revoked`: it took this one
   * before. Left out where nothing can be renewed.
   */
  readonly renew?: (reason: string, options: { signal?: AbortSignal | undefined; revoked: boolean }) => Promise<void>;
}

/** How REST calls are authorized: see {@link bearerAuthorizer}, `createAppTokens` and {@link oauth1Authorizer}, or write your own. */
export interface Authorizer {
  /** Called before every attempt of a call. When `signal` is aborted, nobody waits for it any more. */
  authorize(request: AuthorizableRequest, options: { signal?: AbortSignal | undefined }): Promise<Authorization>;
}

/** Authorizes by the bearer of the current session, which is renewed after a 401. */
export function bearerAuthorizer(sessions: SessionManager): Authorizer {
  const check = optionsChecker({ sessions }, 'bearerAuthorizer');
  check.objects(['sessions'], { methods: ['session', 'renew'], required: true });
  return {
    async authorize(_request, { signal }) {
      const session = await sessions.session({ signal });
      return {
        header: `Bearer ${session.bearer}`,
        source: session,
        renew: async (reason, options) => void (await sessions.renew(reason, { ...options, unless: session })),
      };
    },
  };
}

/**
 * Authorizes by signing each call with an API key (OAuth 1.0a, HMAC-SHA1). Nothing can be renewed after a 401.
 * `clock`: where the time of the signature comes from (default: the machine's clock).
 *
 * The vendor ended support on 30 September 2025 and takes no signed calls after 31 May 2026: use `createAppTokens` where
 * the API has a version for OAuth 2.0.
 */
export function oauth1Authorizer(keys: OAuth1Keys, options: { clock?: Clock | undefined } = {}): Authorizer {
  checkKeys('oauth1Authorizer', keys);
  checkSigning('oauth1Authorizer', options);
  return {
    authorize({ method, url, body }) {
      const form = isRawBody(body) && body.raw instanceof Uint8Array ? formOf(body.raw, body.contentType) : {};
      const { Authorization: header } = signOAuth1({ method, url, ...form }, keys, options);
      return Promise.resolve({ header, source: keys });
    },
  };
}

function formOf(raw: Uint8Array, contentType: string): { body: string; contentType: string } {
  return { body: Array.from(raw, (byte) => String.fromCharCode(byte)).join(''), contentType };
}
