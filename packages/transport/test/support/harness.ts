import { createTransport, type StatusEvent, type Transport, type TransportOptions } from '@lp/transport';
import { createInbox, type Inbox } from './inbox.ts';

/** Waits that a test can afford, and no spacing rules. */
export const QUICK = { initialMs: 1, jitter: 'none', dialSpacingMs: 0, loginSpacingMs: 0 } as const;

export interface Harness {
  readonly transport: Transport;
  /** Every status event, in order; each is handed out once. */
  readonly status: Inbox<StatusEvent>;
  /** Every status event so far. */
  readonly seen: readonly StatusEvent[];
  /** The next event of a type; those before it are passed over. */
  until: <T extends StatusEvent['type']>(type: T) => Promise<Extract<StatusEvent, { type: T }>>;
}

/** A transport whose status is recorded. */
export function harness(options: TransportOptions): Harness {
  const transport = createTransport({ reconnect: QUICK, logger: false, ...options });
  const status = createInbox<StatusEvent>();
  const seen: StatusEvent[] = [];
  const stream = transport.status({ capacity: 10_000 });
  void (async () => {
    for await (const event of stream) {
      seen.push(event);
      status.put(event);
    }
  })();
  return {
    transport,
    status,
    seen,
    async until(type) {
      for (;;) {
        const event = await status.next();
        if (event.type === type) return event as never;
      }
    },
  };
}

/** The message of an error's cause. */
export function causeOf(error: Error | undefined): string | undefined {
  return error?.cause instanceof Error ? error.cause.message : undefined;
}

/** What a promise rejects with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('resolved, and should have been rejected');
}

/** A signal that is never aborted, and who listens to it. */
export function watchedSignal(): { signal: AbortSignal; listeners: ReadonlySet<unknown> } {
  const listeners = new Set<unknown>();
  const signal = {
    aborted: false,
    addEventListener: (_: string, listener: unknown) => listeners.add(listener),
    removeEventListener: (_: string, listener: unknown) => listeners.delete(listener),
  } as unknown as AbortSignal;
  return { signal, listeners };
}

/** Lets input that has arrived, and everything that follows from it, happen. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits until `condition` holds, one turn of the event loop at a time. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}
