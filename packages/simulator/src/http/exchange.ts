import type { IncomingMessage, ServerResponse } from 'node:http';

/** One HTTP request and the means to respond to it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** The account in the path or the Brand-ID header. */
  readonly accountId: string;
  /** The parts of the path that the route names; undefined where the path leaves one out. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** The `error` object that the platform's REST services respond with. */
export function sendError(response: ServerResponse, status: number, message: string, internalCode = status): void {
  const responseStatus = RESPONSE_STATUS[status] ?? 'ERROR';
  sendJson(response, status, {
    error: { time: new Date().toUTCString(), message, internalCode, responseStatus },
  });
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  send(response, status, JSON.stringify(value), { 'content-type': 'application/json', ...headers });
}

export function send(
  response: ServerResponse,
  status: number,
  content: string | Buffer = '',
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(content), ...headers });
  response.end(content);
}

/** A value as a script that calls the function which the query names, as `cb` or by the service's own name for it. */
export function sendScript(response: ServerResponse, url: URL, value: object, name = 'cb'): void {
  const callback = url.searchParams.get(name) ?? '';
  if (!/^[\w$.]{1,128}$/.test(callback)) sendError(response, 400, `${name} must be the name of a function`);
  else {
    send(response, 200, `${callback}(${JSON.stringify(value)});`, { 'content-type': 'application/javascript' });
  }
}

/** The JSON object in a request's body; undefined when it is something else. */
export function jsonBody({ body }: Exchange): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.length === 0 ? '{}' : body.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf({ request }: Exchange): string {
  return /^bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

const RESPONSE_STATUS: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  410: 'GONE',
  412: 'PRECONDITION_FAILED',
  428: 'PRECONDITION_REQUIRED',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
};
