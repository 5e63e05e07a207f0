import { conversationId } from '../server/frames.ts';
import { control, counts, queriesServed } from './control.ts';
import { Counter, liveBytes, measure, peakMb, percentile } from './measure.ts';
import type { Sdk } from './sdk.ts';
import type { BotSubject, ClientSubject, Done, Subject } from './subject.ts';

/** What a client does, with its figures. */
export type Task =
  | {
      readonly task: 'messages';
      readonly count: number;
      readonly conversations: number;
      readonly warmUp: number;
      /** One for all, or one for each conversation. */
      readonly loops: 'one' | 'each';
    }
  | {
      readonly task: 'changes';
      readonly count: number;
      readonly conversations: number;
      readonly warmUp: number;
      readonly foreign: boolean;
    }
  | {
      readonly task: 'requests';
      readonly request: 'getClock' | 'publishEvent';
      readonly inFlight: number;
      readonly warmUpMs: number;
      readonly forMs: number;
      /** Goes on until so many were answered, however slow the machine; default 1. */
      readonly atLeast?: number;
    }
  | {
      readonly task: 'echo';
      readonly users: number;
      /** Of each user. */
      readonly conversations: number;
      /** Also weighs what the conversations leave behind. */
      readonly weigh?: boolean;
      readonly messages: number;
      readonly warmUp: number;
      readonly pauseMs?: number;
    }
  | { readonly task: 'start'; readonly conversations: number; readonly historyLength: number }
  | { readonly task: 'idle'; readonly conversations: number }
  | { readonly task: 'reconnect'; readonly conversations: number }
  | { readonly task: 'soak'; readonly conversations: number; readonly segments: number; readonly perSegment: number };

/** The figures of one run, by name. */
export type Figures = Readonly<Record<string, number>>;

const runners = { messages, changes, requests, echo, start, idle, reconnect, soak } as const;

/** Runs one task with a subject that is connected. */
export function runTask(subject: Subject, task: Task): Promise<Figures> {
  return (runners[task.task] as (subject: Subject, task: Task) => Promise<Figures>)(subject, task);
}

async function messages(
  subject: ClientSubject,
  { count, conversations, warmUp, loops }: Task & { task: 'messages' },
): Promise<Figures> {
  await control({ do: 'populate', conversations: 0, historyLength: 0 });
  const counter = new Counter();
  if (loops === 'one') subject.readAllMessages(counter.count);
  else await subject.readMessages(conversations, counter.count);
  const flood = async (size: number, from: number) => {
    const all = counter.expect(size);
    await Promise.all([all, control({ do: 'messages', count: size, conversations, from })]);
  };
  await flood(warmUp, 0);
  const { cpuMs, wallMs } = await measure(() => flood(count, warmUp));
  return { cpuUs: (cpuMs * 1000) / count, perSecond: (count * 1000) / wallMs };
}

async function changes(
  subject: ClientSubject,
  { count, conversations, warmUp, foreign }: Task & { task: 'changes' },
): Promise<Figures> {
  const counter = new Counter();
  subject.readChanges(counter.count);
  const flood = async (size: number, from: number) => {
    const all = counter.expect(size);
    await Promise.all([all, control({ do: 'changes', count: size, conversations, from, foreign })]);
  };
  await flood(warmUp, 0);
  const { cpuMs, wallMs } = await measure(() => flood(count, warmUp));
  return { cpuUs: (cpuMs * 1000) / count, perSecond: (count * 1000) / wallMs };
}

async function requests(
  subject: ClientSubject,
  { request, inFlight, warmUpMs, forMs, atLeast = 1 }: Task & { task: 'requests' },
): Promise<Figures> {
  const dialogId = conversationId(0);
  const text = 'a message of some length, as people write them, of two or three lines perhaps, with a question in it';
  const send = (done: Done) => {
    if (request === 'getClock') subject.getClock(done);
    else subject.publish(dialogId, text, done);
  };
  await hammer(send, inFlight, { forMs: warmUpMs, atLeast });
  let outcome = { count: 0, latencies: new Float64Array() };
  const { cpuMs, wallMs } = await measure(async () => {
    outcome = await hammer(send, inFlight, { forMs, atLeast });
  });
  const sorted = outcome.latencies.toSorted();
  return {
    perSecond: (outcome.count * 1000) / wallMs,
    cpuUs: (cpuMs * 1000) / outcome.count,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
  };
}

const MOST_LATENCIES = 1_000_000;

/** Keeps so many requests in flight for a time. */
function hammer(send: (done: Done) => void, inFlight: number, { forMs, atLeast }: { forMs: number; atLeast: number }) {
  const latencies = new Float64Array(MOST_LATENCIES);
  let count = 0;
  return new Promise<{ count: number; latencies: Float64Array<ArrayBuffer> }>((resolve, reject) => {
    const endsAt = performance.now() + forMs;
    let running = inFlight;
    const next = () => {
      const startedAt = performance.now();
      send((error) => {
        if (error !== undefined && error !== null) return reject(new Error('a request failed', { cause: error }));
        const now = performance.now();
        latencies[count++ % MOST_LATENCIES] = now - startedAt;
        if (now < endsAt || count < atLeast) return next();
        if (--running === 0) resolve({ count, latencies: latencies.slice(0, count) });
      });
    };
    for (let index = 0; index < inFlight; index++) next();
  });
}

async function echo(
  subject: Subject,
  { users, conversations, messages, warmUp, pauseMs = 0, weigh = false }: Task & { task: 'echo' },
): Promise<Figures> {
  const before = weigh ? liveBytes() : 0;
  await control({ do: 'populate', conversations, historyLength: 0 });
  await (subject as BotSubject).startEchoBot();
  // What is pushed before a stream listens would be in a history that this server does not write.
  await queriesServed(users * conversations);
  const window = Math.max(1, Math.floor(100 / conversations));
  const talk = (from: number, until: number) => control({ do: 'talk', conversations, from, until, window, pauseMs });
  await talk(0, warmUp);
  const { cpuMs, wallMs } = await measure(() => talk(warmUp, warmUp + messages));
  const { echoed, repeated } = await counts();
  const count = users * conversations * messages;
  const missing = users * conversations * (warmUp + messages) - echoed;
  const figures = {
    cpuUs: (cpuMs * 1000) / count,
    perSecond: (count * 1000) / wallMs,
    peakMb: peakMb(),
    missing,
    repeated,
  };
  if (!weigh) return figures;
  return { ...figures, liveBytes: (liveBytes() - before) / (users * conversations) };
}

async function start(subject: Subject, { conversations, historyLength }: Task & { task: 'start' }): Promise<Figures> {
  await control({ do: 'populate', conversations, historyLength });
  await counts();
  const { cpuMs, wallMs } = await measure(async () => {
    await (subject as BotSubject).startEchoBot();
    await control({ do: 'awaitEchoes', count: conversations });
  });
  const { repeated, requests: sent, told } = await counts();
  return {
    wallMs,
    cpuMs,
    peakMb: peakMb(),
    repeated,
    queries: sent['.ams.ms.QueryMessages'] ?? 0,
    told: told / conversations,
  };
}

async function idle(subject: Subject, { conversations }: Task & { task: 'idle' }): Promise<Figures> {
  const { agent } = subject as Sdk;
  await control({ do: 'populate', conversations, historyLength: 0 });
  const counter = new Counter();
  const all = counter.expect(conversations);
  const changesRead = agent.conversationChanges();
  void (async () => {
    for await (const _ of changesRead) counter.count();
  })();
  const before = liveBytes();
  await agent.subscribeExConversations({ stage: ['OPEN'] });
  await all;
  changesRead.close();
  const known = liveBytes();
  await (subject as Sdk).readMessages(conversations, () => undefined);
  const open = liveBytes();
  return { lastNotificationBytes: (known - before) / conversations, streamBytes: (open - known) / conversations };
}

async function reconnect(subject: Subject, { conversations }: Task & { task: 'reconnect' }): Promise<Figures> {
  const { agent } = subject as Sdk;
  await control({ do: 'populate', conversations: 0, historyLength: 0 });
  await (subject as Sdk).readMessages(conversations, () => undefined);
  await control({ do: 'populate', conversations: 0, historyLength: 0, queryMs: 1 });
  await counts();
  let resynced = 0;
  let firstReconnected = 0;
  const { cpuMs, wallMs } = await measure(async () => {
    const status = agent.status({ capacity: 2 * conversations });
    await control({ do: 'drop' });
    const startedAt = performance.now();
    for await (const { type } of status) {
      if (type === 'reconnected') firstReconnected = performance.now() - startedAt;
      if (type === 'resynced' && ++resynced === conversations) break;
    }
  });
  const { mostQueriesAtOnce, requests: sent } = await queriesServed(1);
  return {
    wallMs: wallMs - firstReconnected,
    cpuMs,
    reconnectedMs: firstReconnected,
    queries: sent['.ams.ms.QueryMessages'] ?? 0,
    mostQueriesAtOnce,
  };
}

const VIRTUAL_HOUR_S = 3600;

/** Traffic of a virtual hour, in segments, with what runs on timers meanwhile. The first segment warms up and is not counted. */
async function soak(
  subject: Subject,
  { conversations, segments, perSegment }: Task & { task: 'soak' },
): Promise<Figures> {
  const { agent, clock } = subject as Sdk;
  const counter = new Counter();
  await control({ do: 'populate', conversations: 0, historyLength: 0 });
  await (subject as Sdk).readMessages(conversations, counter.count);
  const figures: Record<string, number> = {};
  const seconds = VIRTUAL_HOUR_S / segments;
  const perSecond = Math.ceil(perSegment / seconds);
  let from = 0;
  for (let segment = 0; segment <= segments; segment++) {
    const { cpuMs } = await measure(async () => {
      for (let second = 0; second < seconds; second++) {
        const all = counter.expect(perSecond);
        await Promise.all([all, control({ do: 'messages', count: perSecond, conversations, from })]);
        from += perSecond;
        await clock.advance(1000);
      }
      await agent.getClock();
    });
    if (segment === 0) continue;
    figures[`cpuUs${segment}`] = (cpuMs * 1000) / (perSecond * seconds);
    figures[`heapMb${segment}`] = liveBytes() / 1024 / 1024;
  }
  const growth = (name: string) => (figures[`${name}${segments}`] ?? 0) / (figures[`${name}1`] ?? 0);
  return { ...figures, costGrowth: growth('cpuUs'), heapGrowth: growth('heapMb') };
}
