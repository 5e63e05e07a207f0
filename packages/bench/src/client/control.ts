import type { Command, Counts } from '../server/commands.ts';

type Answer = { readonly id: number; readonly result: Counts | undefined };

const waiting = new Map<number, (result: Counts | undefined) => void>();
let lastId = 0;

process.on('message', ({ id, result }: Answer) => {
  waiting.get(id)?.(result);
  waiting.delete(id);
});

/** Asks the server for something, through the process that started both. */
export function control(command: Command): Promise<Counts | undefined> {
  const id = ++lastId;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    process.send?.({ id, command });
  });
}

/** What the server has seen since this was asked last. */
export async function counts(): Promise<Counts> {
  return (await control({ do: 'counts' })) as Counts;
}

/** Resolves when the server has got so many queries of the history since it was asked last. */
export async function queriesServed(expected: number): Promise<Counts> {
  let queries = 0;
  let most = 0;
  for (;;) {
    const seen = await counts();
    queries += seen.requests['.ams.ms.QueryMessages'] ?? 0;
    most = Math.max(most, seen.mostQueriesAtOnce);
    if (queries >= expected) {
      return { ...seen, mostQueriesAtOnce: most, requests: { ...seen.requests, '.ams.ms.QueryMessages': queries } };
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
