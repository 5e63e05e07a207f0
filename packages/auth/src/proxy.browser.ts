import { ConfigError } from '@lp/core';

/** @throws ConfigError always: in a page the browser's own setting holds. */
export function parseProxy(_proxy: string): never {
  throw new ConfigError('proxy cannot be used in a page: the browser has a setting of its own');
}

/** Rejects with a ConfigError for a proxy, as {@link parseProxy}. */
export async function socketAgent(proxy: string | undefined): Promise<undefined> {
  await Promise.resolve();
  return proxy === undefined ? undefined : parseProxy(proxy);
}
