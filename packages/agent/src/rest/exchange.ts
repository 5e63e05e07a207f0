import type { RestClient, RestRequest } from '@lp/auth';
import { ConfigError, ProtocolError } from '@lp/core';
import { checkOptionNames } from '@lp/core/internal';
import { describeIssues, listIssues, parseLenient } from '@lp/schemas';
import type * as z from 'zod';

/** REST calls with the session's bearer. */
export type RestPort = Pick<RestClient, 'request'>;
export type RestResponse = Awaited<ReturnType<RestPort['request']>>;
export type { RestRequest };

/** How to make one call. */
export interface RestCallOptions {
  /** Ends the call; it rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** For the whole exchange. Default: the client's own. */
  readonly timeoutMs?: number | undefined;
}

/** @throws ConfigError that names an option which does not exist. */
export function checkCallOptions<T extends RestCallOptions>(
  what: string,
  options: T | undefined,
  more: readonly (keyof T & string)[] = [],
): void {
  if (options !== undefined) checkOptionNames(what, options, ['signal', 'timeoutMs', ...more]);
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
  throw new ProtocolError(`${what} is not what it should be: ${listIssues(result.issues)}`, {
    context: { status: response.status },
  });
}
