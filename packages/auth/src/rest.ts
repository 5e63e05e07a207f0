import { type Clock, ConfigError, RequestRejectedError, systemClock } from '@lp/core';
import { parseRetryAfter } from '@lp/core/internal';
import type { DomainResolver } from './domains.ts';
import { checkAccountId } from './hosts.ts';
import type { HttpClient, HttpRequest } from './http.ts';
import { isRepeatableBody } from './http-body.ts';
import type { HttpResponse } from './http-response.ts';
import type { Session } from './session.ts';
import type { SessionManager } from './session-manager-types.ts';

/** One REST call with the session's bearer. */
export interface RestRequest extends Omit<HttpRequest, 'origin' | 'service'> {
  /** The platform's name of the service whose host is called. */
  service: string;
}

/** REST calls of one account. */
export interface RestClient {
  /**
   * Sends a request with the current bearer. An answer of 401 renews the session once (shared with everybody else who
   * noticed) and repeats the request once; a streamed body cannot be repeated.
   * @throws RequestRejectedError for a status of 400 and above: `status`, `type` (`GET msgHist`) and `body`.
   * Else as `HttpClient.request`, `DomainResolver.origin` and `SessionManager.session` do.
   */
  request(request: RestRequest): Promise<HttpResponse>;
}

const REFUSAL_MS = 10 * 60_000;

/** Makes a {@link RestClient}. */
export function createRestClient(options: {
  http: HttpClient;
  domains: DomainResolver;
  sessions: SessionManager;
  accountId: string;
  clock?: Clock | undefined;
}): RestClient {
  const { http, domains, sessions, accountId, clock = systemClock } = options;
  checkAccountId(accountId);
  // When a service refused a session that was just made: to renew it at once again would only disturb the others.
  const refusedAt = new WeakMap<Session, Map<string, number>>();
  const worthRenewing = (session: Session, service: string) =>
    clock.now() - (refusedAt.get(session)?.get(service) ?? -Infinity) > REFUSAL_MS;

  async function send(request: RestRequest, session: Session): Promise<HttpResponse> {
    const { service, headers = {}, ...rest } = request;
    if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) {
      throw new ConfigError('headers must not hold Authorization: the bearer of the session is put there');
    }
    const origin = await domains.origin(service, { signal: request.signal });
    return http.request({
      ...rest,
      origin,
      service,
      headers: { ...headers, authorization: `Bearer ${session.bearer}` },
    });
  }

  return {
    async request(request) {
      const { signal, service } = request;
      let session = await sessions.session({ signal });
      let response = await send(request, session);
      if (response.status === 401 && worthRenewing(session, service)) {
        session = await sessions.renew(`${service} answered 401`, { signal, unless: session });
        if (!isRepeatableBody(request.body)) {
          throw rejection(
            request,
            response,
            clock.now(),
            'the session was renewed, but a streamed body cannot be sent twice: send it again',
            true,
          );
        }
        response = await send(request, session);
        if (response.status === 401) {
          refusedAt.set(session, (refusedAt.get(session) ?? new Map()).set(service, clock.now()));
        }
      }
      if (response.status >= 400) throw rejection(request, response, clock.now());
      return response;
    },
  };
}

function rejection(
  { method, service }: RestRequest,
  response: HttpResponse,
  nowMs: number,
  hint?: string,
  retryable?: boolean,
): RequestRejectedError {
  const { headers } = response;
  const retryAfterMs = parseRetryAfter(headers['retry-after'], nowMs, headers['date']);
  return new RequestRejectedError(
    {
      status: response.status,
      type: `${method} ${service}`,
      body: readBody(response),
      ...(hint === undefined ? {} : { hint }),
    },
    { context: { service, retryAfterMs }, ...(retryable === undefined ? {} : { retryable }) },
  );
}

function readBody(response: HttpResponse): unknown {
  try {
    return response.json();
  } catch {
    return response.text();
  }
}
