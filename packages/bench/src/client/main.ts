import { counts } from './control.ts';
import { heapUsed } from './measure.ts';
import type { OldSdk } from './old-sdk.ts';
import type { Subject } from './subject.ts';
import type { Figures } from './tasks.ts';
import { runTask, type Task } from './tasks.ts';

// One subject in a process of its own: it is loaded, connected, and given its tasks.

/** The old client's program on a class; what it is of is loaded by whoever calls this, and nothing else. */
const oldSdk = async (...given: ConstructorParameters<typeof OldSdk>): Promise<Subject> =>
  new (await import('./old-sdk.ts')).OldSdk(...given);

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
  old: async (): Promise<Subject> => oldSdk((await import('node-agent-sdk')).Agent),
  mended: async (): Promise<Subject> => oldSdk((await import('node-agent-sdk')).Agent, { mended: true }),
  /** The old client's program, unchanged, on the package that takes its place. */
  shim: async (): Promise<Subject> => oldSdk((await import('@lp/node-agent-sdk')).Agent as never),
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
  const cpuBefore = process.cpuUsage();
  const subject = await subjects[name]();
  const importMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  const importCpuMs = (user + system) / 1000;
  await counts();
  const connectingAt = performance.now();
  await subject.connect(port);
  const connectMs = performance.now() - connectingAt;
  const seen = await counts();
  const messages = Object.values(seen.requests).reduce((sum, count) => sum + count, 0);
  const rssMb = process.memoryUsage.rss() / 1024 / 1024;
  // Looked at where garbage can be collected, and nothing else is measured.
  const heapMb = 'gc' in globalThis && tasks.length === 0 ? heapUsed() / 1024 / 1024 : Number.NaN;
  const connect = {
    importMs,
    importCpuMs,
    connectMs,
    rssMb,
    heapMb,
    http: seen.http,
    upgrades: seen.upgrades,
    messages,
  };
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
