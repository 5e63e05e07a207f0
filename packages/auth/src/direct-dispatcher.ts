import type { Agent, Dispatcher } from 'undici';

/** What of undici sends requests. */
interface UndiciParts {
  readonly Agent: typeof Agent;
  readonly request: Dispatcher['request'];
}

/**
 * undici's pools and its `request` alone: with `fetch`, caches and mocks, and with the second undici inside Node that these
 * wake, loading takes four times as long: a quarter of the time until a bot first responds.
 */
async function loadParts(): Promise<UndiciParts> {
  const { parts } = await import('./undici-direct.ts');
  return parts;
}

/** What sends requests directly. A release of undici that has moved its parts is loaded whole. */
export async function createDirectDispatcher(connect: object, load = loadParts): Promise<Dispatcher> {
  // Only the loading may fail and be made up for: what the pools themselves refuse is told.
  const parts = await load().catch(() => undefined);
  if (parts) {
    // `request` is what a dispatcher gets when undici is loaded whole.
    return Object.assign(new parts.Agent({ connect }), { request: parts.request });
  }
  const whole = await import('./undici-whole.ts');
  return new whole.Agent({ connect });
}
