import type { Simulator } from '@lp/simulator';
import { fetch } from 'undici';
import { logIn } from './raw-client.ts';

export interface RestResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** The JSON of the response; the text where it is not JSON. */
  readonly body: unknown;
}

/** One request of a REST client that knows nothing of the SDK. */
export async function call(
  method: string,
  url: string,
  options: { headers?: Record<string, string>; body?: unknown } = {},
): Promise<RestResponse> {
  const { headers = {}, body } = options;
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: Object.fromEntries(response.headers), body: parsed(text) };
}

export async function bearerHeader(simulator: Simulator, index = 0): Promise<{ authorization: string }> {
  const { bearer } = await logIn(simulator, index);
  return { authorization: `Bearer ${bearer}` };
}

/** The platform's `error` object, as a response with this status has it. */
export const errorOf = (status: number, message?: string) => ({
  status,
  body: {
    error: {
      ...(message === undefined ? {} : { message }),
      internalCode: status,
    },
  },
});

/** The two tokens a connector needs for one of its consumers. */
export async function connectorHeaders(
  simulator: Simulator,
  consumer = 'ada on another channel',
): Promise<{ authorization: string; 'x-lp-on-behalf': string }> {
  const authorization = await appToken(simulator);
  const { body } = await call('POST', `${simulator.url}/api/account/${simulator.accountId}/consumer?v=1.0`, {
    headers: { authorization },
    body: { ext_consumer_id: consumer },
  });
  return { authorization, 'x-lp-on-behalf': (body as { token: string }).token };
}

export async function appToken(simulator: Simulator): Promise<string> {
  const { clientId = '', clientSecret = '' } = simulator.apps[0] ?? {};
  const query = new URLSearchParams({
    v: '1.0',
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  const url = `${simulator.url}/sentinel/api/account/${simulator.accountId}/app/token?${query.toString()}`;
  const { body } = await call('POST', url);
  return (body as { access_token: string }).access_token;
}

/** What a JSON web token says. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
