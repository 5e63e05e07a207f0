import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJson } from '../json.ts';
import { Refusal } from '../platform/model.ts';

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

/** A refusal whose `internalCode` is not the status. */
export class CodedRefusal extends Refusal {
  readonly internalCode: number;

  constructor(status: number, internalCode: number, message: string) {
    super(status, message);
    this.internalCode = internalCode;
  }
}

/** The `error` object that the platform's REST services respond with; `now` is the platform's time. */
export function sendError(response: ServerResponse, now: number, refusal: Refusal): void {
  const { code, message } = refusal;
  const internalCode = refusal instanceof CodedRefusal ? refusal.internalCode : code;
  const responseStatus = RESPONSE_STATUS[code] ?? 'ERROR';
  sendJson(response, code, { error: { time: timeText(now), message, internalCode, responseStatus } });
}

/** A time as the platform's errors write it, in UTC: `Sep 22, 2016 4:10:15 PM`. */
function timeText(time: number): string {
  const date = new Date(time);
  const [, day, month = '', year = ''] = date.toUTCString().split(' ');
  const hours = date.getUTCHours();
  const [minutes, seconds] = [date.getUTCMinutes(), date.getUTCSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${month} ${Number(day)}, ${year} ${hours % 12 || 12}:${minutes}:${seconds} ${hours < 12 ? 'AM' : 'PM'}`;
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

/** A value as a script that calls the function which the query names, as `cb` or by the service's own name for it. @throws Refusal for no name. */
export function sendScript(response: ServerResponse, url: URL, value: object, name = 'cb'): void {
  const callback = url.searchParams.get(name) ?? '';
  if (!/^[\w$.]{1,128}$/.test(callback)) throw new Refusal(400, `${name} must be the name of a function`);
  send(response, 200, `${callback}(${JSON.stringify(value)});`, { 'content-type': 'application/javascript' });
}

/** The JSON object in a request's body; undefined when it is something else. */
export function jsonBody({ body }: Exchange): Record<string, unknown> | undefined {
  const value = readJson(body.length === 0 ? '{}' : body.toString());
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
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
