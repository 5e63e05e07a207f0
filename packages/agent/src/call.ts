import { ConfigError, LpError, ProtocolError } from '@lp/core';
import { checkSignal } from '@lp/core/internal';
import type { Transport } from '@lp/transport';
import type * as z from 'zod';
import type { RequestOptions } from './request-options.ts';
import { isValid } from './schemas/checks.ts';
import {
  describeIssues,
  type InvalidItem,
  parseResponse,
  RequestBodySchemas,
  RequestMetadataSchema,
  type RequestName,
  type ResponseBody,
  requestRegistry,
  type SchemaIssue,
} from './schemas/index.ts';
import { completeRequestBody, type Identity, type RequestInput } from './user-form/index.ts';

/** A request on its way to the socket, as an interceptor sees it. */
export interface RequestCall {
  /** The type on the wire. */
  readonly type: string;
  readonly body: unknown;
  readonly options: RequestOptions;
}

/**
 * Wraps every request: may look at it, change it, delay it, refuse it by throwing, and see its answer's body. The first
 * one of the list is outermost.
 */
export type RequestInterceptor = (call: RequestCall, next: (call: RequestCall) => Promise<unknown>) => Promise<unknown>;

/** `idempotent`: sent again when the connection is lost before its answer; the default is the request's own. */
type CallOptions = RequestOptions & { idempotent?: boolean };

/** Sends one request of the registry: body completed and checked, answer checked. */
export type Call = <N extends RequestName>(
  name: N,
  input: RequestInput<N>,
  options?: CallOptions,
) => Promise<ResponseBody<N>>;

/** Sends a request of any type and gives the answer's body, unchecked. */
export type SendRaw = (type: string, body: unknown, options?: CallOptions) => Promise<unknown>;

/** A {@link SendRaw} over a connection, through the interceptors. */
export function createSend(request: Transport['request'], interceptors: readonly RequestInterceptor[]): SendRaw {
  return (type, body, { idempotent = false, ...options } = {}) => {
    const send = async (call: RequestCall): Promise<unknown> => {
      const { headers, metadata, encodedMetadata, timeoutMs, signal } = call.options;
      if (signal !== undefined) checkSignal(signal);
      const frame = { type: call.type, body: call.body, headers, metadata };
      const answer = await request(encodedMetadata === undefined ? frame : { ...frame, encodedMetadata }, {
        timeoutMs,
        signal,
        idempotent,
      });
      return answer.body;
    };
    const chain = interceptors.reduceRight<(call: RequestCall) => Promise<unknown>>(
      (next, interceptor) => async (call) => await interceptor(call, next),
      send,
    );
    return chain({ type, body, options });
  };
}

/** Told of items of an answer that could not be read and were left out; the others were given to the caller. */
export type ReportInvalid = (type: string, invalid: readonly InvalidItem[]) => void;

/** A {@link Call} over a {@link SendRaw}. */
export function createCall(send: SendRaw, identity: Identity, reportInvalid: ReportInvalid): Call {
  return async (name, input, options = {}) => {
    const { type, idempotent, response, ...row } = requestRegistry[name];
    const body = checkBody(name, completeRequestBody(name, input, identity));
    if (options.metadata !== undefined) checkMetadata(name, options.metadata);
    const timeoutMs = options.timeoutMs ?? ('timeoutMs' in row ? (row.timeoutMs as number) : undefined);
    const answer = await send(type, body, { idempotent, ...options, timeoutMs });
    const parsed = parseResponse(response, answer);
    if (parsed.ok) {
      if (parsed.invalid.length > 0) reportInvalid(type, parsed.invalid);
      return parsed.value as never;
    }
    throw new ProtocolError(`The answer to ${name} does not have the form it must have: ${inWords(parsed.issues)}`, {
      context: { type },
    });
  };
}

function checkBody(name: RequestName, body: unknown): unknown {
  if (isValid<z.ZodType>(RequestBodySchemas[name], body)) return body;
  const parsed = RequestBodySchemas[name].safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`${name} cannot be sent: ${inWords(describeIssues(parsed.error))}`);
}

function checkMetadata(name: RequestName, metadata: unknown): void {
  const parsed = RequestMetadataSchema.safeParse(metadata);
  if (!parsed.success)
    throw new ConfigError(`${name} cannot be sent: metadata ${inWords(describeIssues(parsed.error))}`);
}

function inWords(issues: readonly SchemaIssue[]): string {
  return issues.map(({ path, expected }) => `${path === '' ? 'the whole' : path} must be ${expected}`).join('; ');
}

/** Whether an error is the platform's refusal of what was asked, which asking again does not change. */
export function isRefusal(error: unknown): boolean {
  return LpError.isInstance(error) && error.code === 'REQUEST_REJECTED' && !error.retryable;
}
