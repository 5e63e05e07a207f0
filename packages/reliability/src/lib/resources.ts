import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The bytes of the heap and of buffers that are in use after a collection. */
export async function memoryInUse(): Promise<number> {
  for (let n = 0; n < 4; n++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What keeps this process alive, and who listens to it, as text that can be compared. */
export function resourcesInUse(): string {
  const counts = new Map<string, number>();
  // What is about to be over by itself comes and goes, and so do the pipes of standard output.
  for (const name of process.getActiveResourcesInfo()) {
    if (!/Immediate|Req|Pipe|TTY/.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const name of process.eventNames()) counts.set(`on ${String(name)}`, process.listenerCount(name));
  return [...counts]
    .map(([name, count]) => `${name} × ${count}`)
    .sort()
    .join(', ');
}

export const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 102.4) / 10;
