import type { RestClient, RestRequest } from '@lp/auth';
import { ConfigError, ProtocolError } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import {
  describeIssues,
  type InvalidItem,
  listIssues,
  parseLenient,
  parseResponse,
  type SchemaIssue,
} from '@lp/schemas';
import type * as z from 'zod';

/** REST calls with the session's bearer. */
export type RestPort = Pick<RestClient, 'request'>;
export type RestResponse = Awaited<ReturnType<RestPort['request']>>;
export type { RestRequest };

/** How to make one call. */
export interface RestCallOptions {
  /** Ends the call; it rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** How long the whole exchange may take, in milliseconds. Default: what the client has, 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** @throws ConfigError that names an option which is wrong or does not exist. */
export function checkCallOptions<T extends RestCallOptions>(
  what: string,
  options: T | undefined,
  more: readonly (keyof T & string)[] = [],
): void {
  if (options === undefined) return;
  const check = optionsChecker(options, what);
  check.signals(['signal']);
  check.durations(['timeoutMs']);
  check.known(more);
  check.nothingElse();
}

/** What a caller gave, read strictly. */
export function checkInput<S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new ConfigError(`${what} cannot be sent: ${listIssues(describeIssues(result.error))}`);
}

/** A service's response, read leniently. */
export function readResponse<S extends z.ZodType>(schema: S, response: RestResponse, what: string): z.output<S> {
  const result = parseLenient(schema, response.json());
  if (result.ok) return result.value;
  throw unreadable(what, result.issues, response);
}

/** Told of entries of a response that could not be read and were left out, and of fields that were set aside. */
export type ReportInvalid = (request: string, invalid: readonly InvalidItem[]) => void;

/** A response that holds a list. */
export interface ListResponse<W extends z.ZodType, S extends z.ZodType> {
  /** What it is, for errors. */
  readonly what: string;
  readonly whole: W;
  /** The field that the list is in, and what it holds. */
  readonly field: string;
  readonly list: z.ZodArray<S>;
}

/**
 * A service's response that holds a list, read leniently, entry by entry: one that cannot be read does not take the others
 * with it. `whole` is the response with nothing in the list; `received` counts all entries, readable or not.
 */
export function readList<W extends z.ZodType, S extends z.ZodType>(
  { what, whole, field, list }: ListResponse<W, S>,
  response: RestResponse,
): { whole: z.output<W>; items: z.output<S>[]; received: number; invalid: readonly InvalidItem[] } {
  const body = response.json();
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[field] : undefined;
  const around = parseResponse(whole, given === undefined ? body : { ...(body as object), [field]: [] });
  if (!around.ok) throw unreadable(what, around.issues, response);
  const received = Array.isArray(given) ? given : [given].filter((entry) => entry != null);
  const entries = parseResponse(list, received);
  if (!entries.ok) throw unreadable(what, entries.issues, response);
  const place = ({ path, expected }: SchemaIssue) => ({ path: `${field}.${path}`, expected });
  const invalid = entries.invalid.map((entry) => ({ ...entry, issues: entry.issues.map(place) }));
  return {
    whole: around.value,
    items: entries.value,
    received: received.length,
    invalid: [...around.invalid, ...invalid],
  };
}

function unreadable(what: string, issues: readonly SchemaIssue[], { status }: RestResponse): ProtocolError {
  return new ProtocolError(`${what} is not what it should be: ${listIssues(issues)}`, { context: { status } });
}
