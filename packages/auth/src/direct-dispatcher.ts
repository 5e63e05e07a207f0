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
  try {
    const parts = await load();
    const dispatcher = new parts.Agent({ connect });
    // `request` is what a dispatcher gets when undici is loaded whole.
    return Object.assign(dispatcher, { request: parts.request });
  } catch {
    const whole = await import('./undici-whole.ts');
    return new whole.Agent({ connect });
  }
}
