import { ConfigError, LpError, ProtocolError } from '@lp/core';
import { checkOptionNames, checkSignal, nativeSignal, withoutJsonForm } from '@lp/core/internal';
import {
  describeIssues,
  EncodedMetadataSchema,
  listIssues,
  MAX_ENCODED_METADATA_LENGTH,
  parseResponse,
  RequestBodySchemas,
  RequestMetadataSchema,
  type RequestName,
  type RequestRow,
  type ResponseBody,
  requestRegistry,
} from '@lp/schemas';
import { isValid } from '@lp/schemas/internal';
import type { Transport } from '@lp/transport';
import type * as z from 'zod';
import { completeRequestBody, type Identity, type RequestInput } from '../inbound/mapping/index.ts';
import type { ReportInvalid } from '../rest/index.ts';
import type { Advise } from './outbound-advice.ts';
import type { RequestOptions } from './request-options.ts';

/** A request on its way to the socket, as an interceptor sees it. */
export interface RequestCall {
  /** The type on the wire. */
  readonly type: string;
  /** The body as it was given. */
  readonly body: unknown;
  /** The options of the call. */
  readonly options: RequestOptions;
}

/**
 * Wraps every request: may look at it, change it, delay it, refuse it by throwing, and see its response's body. The first
 * one of the list is outermost.
 */
export type RequestInterceptor = (call: RequestCall, next: (call: RequestCall) => Promise<unknown>) => Promise<unknown>;

/** `idempotent`: sent again when the connection is lost before its response; the default is the request's own. */
type CallOptions = RequestOptions & { readonly idempotent?: boolean | undefined };

/** Sends one request of the registry: body completed and checked, response checked. */
export type Call = <N extends RequestName>(
  name: N,
  input: RequestInput<N>,
  options?: CallOptions,
) => Promise<ResponseBody<N>>;

/** What makes a result of a response. */
type Read<T> = (response: { readonly body?: unknown }) => T;

/** Sends a request of any type and reads its response. May throw. */
export type RawRequest = <T>(type: string, body: unknown, options: CallOptions & { read: Read<T> }) => Promise<T>;

/** A {@link RawRequest} over a connection, through the interceptors. */
export function createRawRequest(
  request: Transport['request'],
  interceptors: readonly RequestInterceptor[],
): RawRequest {
  const rawRequest = <T>(type: string, body: unknown, options: CallOptions & { read: Read<T> }): Promise<T> => {
    const { headers, metadata, encodedMetadata, idempotent, read, signal, timeoutMs } = options;
    if (signal !== undefined) checkSignal(signal);
    return request({ type, body, headers, metadata, encodedMetadata }, { idempotent, read, signal, timeoutMs });
  };
  if (interceptors.length === 0) return rawRequest;
  return async (type, body, { idempotent, read, ...given }) => {
    const options = given.signal ? { ...given, signal: nativeSignal(given.signal) } : given;
    const chain = interceptors.reduceRight<(call: RequestCall) => Promise<unknown>>(
      (next, interceptor) => async (call) => await interceptor(call, next),
      async (call) => await rawRequest(call.type, call.body, { ...call.options, idempotent, read: bodyOf }),
    );
    return read({ body: await chain({ type, body, options }) });
  };
}

/** Reads a response as it is. */
export const bodyOf: Read<unknown> = ({ body }) => body;

/** A {@link Call} over a {@link RawRequest}. */
export function createCall(
  rawRequest: RawRequest,
  identity: Identity,
  reportInvalid: ReportInvalid,
  advise?: Advise,
): Call {
  const methods = new Map<RequestName, Method>();
  for (const name of Object.keys(requestRegistry) as RequestName[]) {
    const row: RequestRow = requestRegistry[name];
    const { idempotent, timeoutMs, type } = row;
    const read: Read<unknown> = ({ body }) => readResponse(name, row, body, reportInvalid);
    methods.set(name, { type, schema: RequestBodySchemas[name], defaults: { idempotent, timeoutMs, read } });
  }
  // Not async: a request costs the transport's own promise and no other.
  return (name, input, options) => {
    try {
      const { type, schema, defaults } = methods.get(name) as Method;
      if (options !== undefined) checkOptions(name, options);
      const body = checkBody(name, schema, completeRequestBody(name, input, identity));
      advise?.(name, body, options?.metadata);
      return rawRequest(type, body, options ? withDefaults(options, defaults) : defaults) as Promise<never>;
    } catch (error) {
      // What else can be thrown here comes of reading the caller's value.
      return Promise.reject(LpError.isInstance(error) ? error : withoutJsonForm(`${name} cannot be sent: it`, error));
    }
  };
}

/** A row of the registry, ready for use. */
interface Method {
  readonly type: string;
  readonly schema: z.ZodType;
  readonly defaults: CallOptions & { readonly read: Read<unknown> };
}

function withDefaults(
  { encodedMetadata, headers, idempotent, metadata, signal, timeoutMs }: CallOptions,
  defaults: Method['defaults'],
): Method['defaults'] {
  return {
    headers,
    metadata,
    encodedMetadata,
    signal,
    timeoutMs: timeoutMs ?? defaults.timeoutMs,
    idempotent: idempotent ?? defaults.idempotent,
    read: defaults.read,
  };
}

function readResponse(
  name: RequestName,
  { type, response }: RequestRow,
  body: unknown,
  report: ReportInvalid,
): unknown {
  const parsed = parseResponse(response, body);
  if (parsed.ok) {
    if (parsed.invalid.length > 0) report(type, parsed.invalid);
    return parsed.value;
  }
  throw new ProtocolError(`the response to ${name} does not have the form it must have: ${listIssues(parsed.issues)}`, {
    context: { type },
  });
}

function checkBody(name: RequestName, schema: z.ZodType, body: unknown): unknown {
  if (isValid(schema, body)) return body;
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`${name} cannot be sent: ${listIssues(describeIssues(parsed.error))}`);
}

/** Checks a request as sending it does, for what goes before it. @throws ConfigError */
export function checkRequest<N extends RequestName>(name: N, body: RequestInput<N>, options: RequestOptions): void {
  checkOptions(name, options);
  checkBody(name, RequestBodySchemas[name], body);
}

/** The names of {@link RequestOptions}; `idempotent` is for the agent's own requests. */
const CALL_OPTIONS = [
  'headers',
  'metadata',
  'encodedMetadata',
  'timeoutMs',
  'signal',
  'idempotent',
] as const satisfies readonly (keyof CallOptions)[];

/** @throws ConfigError for an option that does not exist, and for what cannot be sent. */
export function checkOptions(name: string, options: CallOptions): void {
  checkOptionNames(name, options, CALL_OPTIONS);
  checkOptionValues(name, options);
}

/** @throws ConfigError for what cannot be sent beside a body. */
export function checkOptionValues(name: string, options: RequestOptions): void {
  const { encodedMetadata, headers, metadata, signal } = options;
  if (signal !== undefined) checkSignal(signal);
  if (headers !== undefined && !Array.isArray(headers))
    throw new ConfigError(`${name} cannot be sent: headers must be a list`);
  if (metadata !== undefined) checkMetadata(name, metadata);
  if (encodedMetadata === undefined || EncodedMetadataSchema.safeParse(encodedMetadata).success) return;
  throw new ConfigError(
    `${name} cannot be sent: encodedMetadata must be base64 of 1 to ${MAX_ENCODED_METADATA_LENGTH} characters; the platform drops a message with any other`,
  );
}

function checkMetadata(name: string, metadata: readonly unknown[]): void {
  let checked: ReturnType<typeof RequestMetadataSchema.safeParse>;
  try {
    if (isValid(RequestMetadataSchema, metadata)) return;
    checked = RequestMetadataSchema.safeParse(metadata);
  } catch (cause) {
    throw withoutJsonForm(`${name} cannot be sent: it`, cause);
  }
  if (checked.error)
    throw new ConfigError(`${name} cannot be sent: metadata ${listIssues(describeIssues(checked.error))}`);
}

/** Whether an error is the platform's refusal of what was asked, which asking again does not change. */
export function isRefusal(error: unknown): boolean {
  return LpError.isInstance(error) && error.code === 'REQUEST_REJECTED' && !error.retryable;
}
