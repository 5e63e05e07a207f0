import { control, counts } from './control.ts';
import { liveBytes } from './measure.ts';
import type { OldSdk } from './old-sdk.ts';
import { type BotSubject, Crowd, type Subject } from './subject.ts';
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
  rawBot: async (): Promise<Subject> => new (await import('./raw-bot.ts')).RawBot(),
  old: async (): Promise<Subject> => oldSdk((await import('node-agent-sdk')).Agent),
  mended: async (): Promise<Subject> => oldSdk((await import('node-agent-sdk')).Agent, { mended: true }),
  /** The old client's program, unchanged, on the package that takes its place. */
  shim: async (): Promise<Subject> => oldSdk((await import('@lp/node-agent-sdk')).Agent as never),
  /** The old client's example, unmodified: on its last version, and on the package that takes its place. */
  oldExample: async (): Promise<Subject> => new (await import('./old-example.ts')).OldExample('its own'),
  shimExample: async (): Promise<Subject> => new (await import('./old-example.ts')).OldExample('shim'),
  sdk: async (): Promise<Subject> => new (await import('./sdk.ts')).Sdk(),
  unawaited: async (): Promise<Subject> => new (await import('./sdk.ts')).Sdk({ awaits: false }),
  virtual: async (): Promise<Subject> => new (await import('./sdk.ts')).Sdk({ virtual: true }),
};

export type SubjectName = keyof typeof subjects;

/** What a client process is to do: as how many users, and which tasks. */
export interface Work {
  readonly users: number;
  readonly tasks: readonly Task[];
}

/** What a client process responds with. */
export interface Report {
  /** Of loading, connecting, and where it is a bot of answering the one conversation that waits. */
  readonly connect: Figures;
  readonly tasks: readonly Figures[];
}

async function main(name: SubjectName, port: number, { tasks, users }: Work): Promise<Report> {
  // One conversation with a message that waits, for those that have no other task.
  if (tasks.length === 0) await control({ do: 'populate', conversations: 1, historyLength: 10 });
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const first = await subjects[name]();
  const importMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  const importCpuMs = (user + system) / 1000;
  const subject = users === 1 ? first : new Crowd((await many(name, users)) as BotSubject[]);
  await counts();
  const connectingAt = performance.now();
  await subject.connect(port, 0);
  const connectMs = performance.now() - connectingAt;
  const seen = await counts();
  const messages = Object.values(seen.requests).reduce((sum, count) => sum + count, 0);
  const rssMb = process.memoryUsage.rss() / 1024 / 1024;
  // Looked at where garbage can be collected, and nothing else is measured.
  const heapMb = 'gc' in globalThis && tasks.length === 0 ? liveBytes() / 1024 / 1024 : Number.NaN;
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
  if (tasks.length === 0) return { connect: { ...connect, ...(await answerFirst(subject)) }, tasks: [] };
  const figures: Figures[] = [];
  for (const task of tasks) figures.push(await runTask(subject, task));
  await subject.close();
  return { connect, tasks: figures };
}

async function many(name: SubjectName, users: number): Promise<Subject[]> {
  return await Promise.all(Array.from({ length: users }, () => subjects[name]()));
}

/** How long it took from the start of this process until one waiting message was answered. */
async function answerFirst(subject: Subject): Promise<Figures> {
  if (!('startEchoBot' in subject)) return {};
  await (subject as BotSubject).startEchoBot();
  await control({ do: 'awaitEchoes', count: 1 });
  return { firstAnswerMs: performance.now() };
}

const [, , name = '', port = '', work = ''] = process.argv;
main(name as SubjectName, Number(port), JSON.parse(work) as Work).then(
  (report) => process.send?.({ report }, () => process.exit()),
  (error: unknown) => {
    process.stderr.write(`${name}: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
