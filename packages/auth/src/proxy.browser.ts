import { ConfigError } from '@lp/core';

/** @throws ConfigError always: in a page the browser's own setting holds. */
export function parseProxy(_proxy: string): never {
  throw new ConfigError('proxy cannot be had in a page: the browser has a setting of its own');
}

/** Rejects with a ConfigError always, as {@link parseProxy}. */
export async function socketAgent(proxy: string): Promise<undefined> {
  await Promise.resolve();
  return parseProxy(proxy);
}
