import { type OptionsChecker, optionsChecker } from '@lp/core/internal';

/** One request. */
export interface HttpRequest {
  /** In capital letters. */
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** Scheme, host and port: `https://host:port`. */
  origin: string;
  /** Starts with a slash, is encoded already, and holds no query. */
  path: string;
  /** Entries that are undefined are left out. */
  query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** By name, in any case. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON, unless it is a `RawBody`. */
  body?: unknown;
  /** How long the whole exchange may take, the body of the response included, in milliseconds. Default: what the client has. */
  timeoutMs?: number | undefined;
  /** Gives up: the call rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
  /** The longest body of a response, in bytes. Default: what the client has. */
  maxResponseBytes?: number | undefined;
  /** Whether doing it twice does no harm, so that a broken exchange may be repeated. Default: all but POST and PATCH. */
  idempotent?: boolean | undefined;
  /** The platform's name of the service, for errors. */
  service?: string | undefined;
}

type Common = Omit<HttpRequest, 'origin' | 'service'>;

/** A checker that has checked what requests of all kinds have. @throws ConfigError */
export function checkRequest<T extends Common>(request: T): OptionsChecker<T> {
  const check = optionsChecker<Common>(request, 'request');
  check.oneOf('method', ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'], { required: true });
  check.texts(['path'], { required: true });
  check.objects(['query', 'headers']);
  check.durations(['timeoutMs']);
  check.counts(['maxResponseBytes']);
  check.signals(['signal']);
  check.booleans(['idempotent']);
  check.known(['body']);
  return check as OptionsChecker<T>;
}
