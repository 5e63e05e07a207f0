import { isBrowser, openSocket } from '#socket';
import type { TransportOptions } from './options.ts';
import { resolveOptions } from './resolve-options.ts';
import { MessagingTransport } from './transport.ts';
import type { Transport } from './transport-types.ts';

/**
 * Makes a {@link Transport}; it dials when `connect()` is called.
 *
 * @example
 * const transport = createTransport({ url: () => 'wss://messaging.example.com/ws?v=3' });
 * await transport.connect();
 *
 * @throws ConfigError for an option that is missing, unknown or out of range.
 */
export function createTransport(options: TransportOptions): Transport {
  return new MessagingTransport(resolveOptions(options), { openSocket, isBrowser });
}
