import { type Clock, ConfigError, RequestRejectedError, systemClock } from '@lp/core';
import { isWithin, judgeResponse, optionsChecker, parseRetryAfter, wordsOf } from '@lp/core/internal';
import { type Authorization, type Authorizer, bearerAuthorizer } from './authorizer.ts';
import type { DomainResolver } from './domain-types.ts';
import { checkAccountId } from './hosts.ts';
import type { HttpClient } from './http.ts';
import { isRepeatableBody } from './http-body.ts';
import { checkRequest, type HttpRequest } from './http-request.ts';
import type { HttpResponse } from './http-response.ts';
import { seenOf } from './rejections.ts';
import { beforeSending, inTime, type LimitedCall } from './rest-limit.ts';
import type { SessionManager } from './session-manager-types.ts';

/** One REST call. */
export interface RestRequest extends Omit<HttpRequest, 'origin' | 'service' | 'timeoutMs'> {
  /** The platform's name of the service whose host is called. */
  service: string;
  /**
   * How long the call may take, its authorization and a repetition included. Default: for each exchange what the client
   * has, and a minute for the look-up and the authorization before it.
   */
  timeoutMs?: number | undefined;
  /** The statuses that the call's documentation calls a success. Default: 200, 201, 202 and 204. */
  success?: readonly number[] | undefined;
}

/** REST calls of one account. */
export interface RestClient {
  /**
   * Sends a request with an `Authorization` header. A response of 401 renews what that stands on once (shared with
   * everybody else who noticed) and repeats the request once; a streamed body cannot be repeated, and a signature by an
   * API key cannot be renewed. Nothing is renewed for a 401 that is a page of something in the way, nor within ten minutes
   * for a service that refused what was new.
   * @throws RequestRejectedError for a status that is not a success: `status`, `type` (`GET msgHist`) and `body`.
   * Else as `HttpClient.request`, `DomainResolver.origin` and the authorizer do.
   */
  request(request: RestRequest): Promise<HttpResponse>;
}

/** What a {@link RestClient} is made of. */
export type RestClientOptions = {
  /** Makes the calls. */
  http: HttpClient;
  /** Finds the hosts. */
  domains: DomainResolver;
  /** The account's id: 1 to 20 letters, digits or underscores. */
  accountId: string;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock | undefined;
} & (
  | {
      /** Whose bearer is used. */
      sessions: SessionManager;
      authorizer?: undefined;
    }
  | {
      /** What authorizes calls instead of a session: `createAppTokens`, `oauth1Authorizer`, or your own. */
      authorizer: Authorizer;
      sessions?: undefined;
    }
);

const REFUSAL_MS = 10 * 60_000;

/** Redirects, parts (206) and what is said not to have changed (304) come from something in the way, or hold no result. */
const SUCCESS: readonly number[] = [200, 201, 202, 204];

/**
 * Makes a {@link RestClient}.
 * @throws ConfigError without exactly one of `sessions` and `authorizer`, and for an option that is wrong or unknown.
 */
export function createRestClient(options: RestClientOptions): RestClient {
  const check = optionsChecker<Partial<RestClientOptions>>(options, 'createRestClient');
  check.known(['accountId']);
  check.objects(['http'], { methods: ['request'], required: true });
  check.objects(['domains'], { methods: ['origin'], required: true });
  check.objects(['sessions'], { methods: ['session', 'renew'] });
  check.objects(['authorizer'], { methods: ['authorize'] });
  check.clocks(['clock']);
  check.nothingElse();
  const { http, domains, accountId, clock = systemClock } = options;
  checkAccountId(accountId);
  const authorizer = authorizerOf(options);
  // By what a call was authorized with: the services that took it.
  const takenBy = new WeakMap<object, Set<string>>();
  // By service: the last call that it refused although what that was authorized with was new. To renew for the service at
  // once again, whatever is current by then, would only disturb the others; unless it takes that call meanwhile. Without
  // a call: a stream was refused, and whether it would be again is not known; any call may show that.
  const refusals = new Map<string, { call?: string; at: number }>();

  async function send(
    request: RestRequest,
    call: LimitedCall,
  ): Promise<{ response: HttpResponse; authorization: Authorization }> {
    const { service, headers = {}, success: _, ...rest } = request;
    if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) {
      throw new ConfigError('headers must not hold Authorization: it is put there');
    }
    const { method, body } = request;
    const { signal } = call;
    const { origin, authorization } = await beforeSending(request, call, clock, async (limited) => {
      const host = await domains.origin(service, { signal: limited });
      const asked = { method, url: urlOf(host, request), body };
      return { origin: host, authorization: await authorizer.authorize(asked, { signal: limited }) };
    });
    call.host = new URL(origin).host;
    const response = await http.request({
      ...rest,
      origin,
      service,
      signal,
      headers: { ...headers, authorization: authorization.header },
    });
    call.host = undefined;
    return { response, authorization };
  }

  return {
    async request(request) {
      checkRestRequest(request);
      return await inTime(request, clock, (limited) => perform(request, limited));
    },
  };

  async function perform(request: RestRequest, limited: LimitedCall): Promise<HttpResponse> {
    const { service } = request;
    const call = `${request.method} ${request.path}`;
    let { response, authorization } = await send(request, limited);
    const { source, renew } = authorization;
    const refusedAt = refusals.get(service)?.at ?? -Infinity;
    const isDoubtful = isWithin(refusedAt, REFUSAL_MS, clock.now());
    if (isRefused(response) && renew && !isDoubtful) {
      const revoked = takenBy.get(source)?.has(service) ?? false;
      await beforeSending(request, limited, clock, (signal) =>
        renew(`${service} responded with 401`, { signal, revoked }),
      );
      if (!isRepeatableBody(request.body)) {
        refusals.set(service, { at: clock.now() });
        const hint = 'the session was renewed, but a streamed body cannot be sent twice: send it again';
        throw rejection(request, response, clock.now(), { hint, retryable: true });
      }
      ({ response, authorization } = await send(request, limited));
      if (isRefused(response)) refusals.set(service, { call, at: clock.now() });
    }
    if (response.status !== 401) {
      takenBy.set(authorization.source, (takenBy.get(authorization.source) ?? new Set()).add(service));
    }
    if (!(request.success ?? SUCCESS).includes(response.status)) {
      throw rejection(request, response, clock.now(), hintFor(response));
    }
    if ((refusals.get(service)?.call ?? call) === call) refusals.delete(service);
    return response;
  }
}

function checkRestRequest(request: RestRequest): void {
  const isStatusList = (value: unknown) => Array.isArray(value) && value.every(Number.isInteger);
  const check = checkRequest(request);
  check.texts(['service'], { required: true });
  check.some(['success'], 'a list of statuses', isStatusList);
  check.nothingElse();
}

function authorizerOf({ authorizer, sessions }: Partial<RestClientOptions>): Authorizer {
  if (authorizer && !sessions) return authorizer;
  if (sessions && !authorizer) return bearerAuthorizer(sessions);
  throw new ConfigError('createRestClient: give one of sessions and authorizer');
}

function urlOf(origin: string, { path, query = {} }: RestRequest): URL {
  const url = new URL(origin + path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.append(name, String(value));
  }
  return url;
}

/** A 401, unless it is the page of something in the way, for which no other session is any better. */
function isRefused(response: HttpResponse): boolean {
  return response.status === 401 && judgeResponse(seenOf(response)) !== 'inTheWay';
}

/** What is known of a 401: that it is a page, or what the platform says of a signature by an API key. */
function hintFor(response: HttpResponse): Hint | undefined {
  if (response.status !== 401) return undefined;
  if (!isRefused(response)) {
    return { hint: `${wordsOf(seenOf(response))}: something is in the way to it`, retryable: true };
  }
  const problem = /oauth_problem=(\w{1,40})/.exec(response.text())?.[1];
  if (problem === undefined) return undefined;
  return {
    hint: `${problem}; LivePerson ended REST calls with API keys on 31 May 2026, see createAppTokens for application tokens`,
  };
}

interface Hint {
  readonly hint: string;
  readonly retryable?: boolean;
}

function rejection(
  { method, service }: RestRequest,
  response: HttpResponse,
  nowMs: number,
  { hint, retryable }: Partial<Hint> = {},
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
