import { counts } from './control.ts';
import type { Subject } from './subject.ts';
import type { Figures } from './tasks.ts';
import { runTask, type Task } from './tasks.ts';

// One subject in a process of its own: it is loaded, connected, and given its tasks.

/** The subjects, loaded when they are wanted: what loading takes is measured. */
const subjects = {
  raw: async (): Promise<Subject> => new (await import('./limit.ts')).Limit({ parse: false }),
  limit: async (): Promise<Subject> => new (await import('./limit.ts')).Limit({ parse: true }),
  hand: async (): Promise<Subject> => new (await import('./limit.ts')).Limit({ parse: true, hand: true }),
  /** What this SDK is made of, and nothing of its own. */
  libraries: async (): Promise<Subject> => {
    await Promise.all([import('zod'), import('undici'), import('isomorphic-ws')]);
    return new (await import('./limit.ts')).Limit({ parse: true });
  },
  old: async (): Promise<Subject> => new (await import('./old-sdk.ts')).OldSdk({ mended: false }),
  mended: async (): Promise<Subject> => new (await import('./old-sdk.ts')).OldSdk({ mended: true }),
  /** The old client's program, unchanged, on the package that takes its place. */
  shim: async (): Promise<Subject> => {
    const [{ OldSdk }, { Agent }] = await Promise.all([import('./old-sdk.ts'), import('@lp/node-agent-sdk')]);
    return new OldSdk({ kind: Agent as never });
  },
  sdk: async (): Promise<Subject> => new (await import('./sdk.ts')).Sdk(),
  unawaited: async (): Promise<Subject> => new (await import('./sdk.ts')).Sdk({ awaits: false }),
  virtual: async (): Promise<Subject> => new (await import('./sdk.ts')).Sdk({ virtual: true }),
};

export type SubjectName = keyof typeof subjects;

/** What a client process answers with. */
export interface Report {
  /** Of loading and connecting. */
  readonly connect: Figures;
  readonly tasks: readonly Figures[];
}

async function main(name: SubjectName, port: number, tasks: readonly Task[]): Promise<Report> {
  const startedAt = performance.now();
  const subject = await subjects[name]();
  const importMs = performance.now() - startedAt;
  await counts();
  const connectingAt = performance.now();
  await subject.connect(port);
  const connectMs = performance.now() - connectingAt;
  const seen = await counts();
  const messages = Object.values(seen.requests).reduce((sum, count) => sum + count, 0);
  const rssMb = process.memoryUsage.rss() / 1024 / 1024;
  const connect = { importMs, connectMs, rssMb, http: seen.http, upgrades: seen.upgrades, messages };
  const figures: Figures[] = [];
  for (const task of tasks) figures.push(await runTask(subject, task));
  await subject.close();
  return { connect, tasks: figures };
}

const [, , name = '', port = '', tasks = '[]'] = process.argv;
main(name as SubjectName, Number(port), JSON.parse(tasks) as Task[]).then(
  (report) => process.send?.({ report }, () => process.exit()),
  (error: unknown) => {
    process.stderr.write(`${name}: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
