import type { SubjectName } from './client/main.ts';
import type { Task } from './client/tasks.ts';

/** One line of the measurement: the same work done by each subject in turn. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly subjects: readonly SubjectName[];
  /** Nothing: loading and connecting is the work. */
  readonly task: Task | undefined;
  readonly rounds: number;
  readonly nodeOptions?: readonly string[];
  /** The figures that are shown, with their units. */
  readonly shows: Readonly<Record<string, string>>;
  readonly targets: readonly Target[];
}

/** What has to be reached: a figure, or its ratio to another subject's in the same round. */
export interface Target {
  readonly figure: string;
  /** Whose; default the row's last subject. */
  readonly of?: SubjectName;
  readonly against?: SubjectName;
  readonly most?: number;
  readonly least?: number;
}

/** How much is measured: `full` is for publishing, `quick` for a look. */
export type Scale = 'full' | 'quick';

interface Sizes {
  readonly rounds: number;
  readonly messages: number;
  readonly changes: number;
  readonly warmUp: number;
  readonly requestMs: number;
  readonly echoes: number;
  readonly open: number;
  readonly soak: { readonly conversations: number; readonly perSegment: number };
}

const SIZES: Readonly<Record<Scale, Sizes>> = {
  full: {
    rounds: 5,
    messages: 200_000,
    changes: 50_000,
    warmUp: 20_000,
    requestMs: 2_000,
    echoes: 10_000,
    open: 10_000,
    soak: { conversations: 100_000, perSegment: 120_000 },
  },
  quick: {
    rounds: 1,
    messages: 40_000,
    changes: 15_000,
    warmUp: 10_000,
    requestMs: 250,
    echoes: 3_000,
    open: 2_000,
    soak: { conversations: 3_000, perSegment: 6_000 },
  },
};

/** Everything that is measured. */
export function planOf(scale: Scale): readonly Row[] {
  const sizes = SIZES[scale];
  return [
    ...[1, 100, 10_000].map((conversations) => messagesRow(sizes, conversations)),
    changesRow(sizes),
    ...(['getClock', 'publishEvent'] as const).flatMap((request) =>
      [1, 64, 1_024].map((inFlight) => requestsRow(sizes, request, inFlight)),
    ),
    ...[1, 100, 1_000].map((conversations) => echoRow(sizes, conversations)),
    startRow(sizes),
    idleRow(sizes),
    reconnectRow(sizes),
    connectRow(sizes),
    soakRow(sizes),
  ];
}

/** What is measured only when it is asked for by name: it is no part of the published run. */
export const sideRowsOf = (scale: Scale): readonly Row[] => [shimRow(SIZES[scale]), shimLoadRow(SIZES[scale])];

const count = (value: number): string => value.toLocaleString('en');
const each = { cpuUs: 'µs CPU each', perSecond: 'per second' };

function messagesRow({ rounds, messages, warmUp }: Sizes, conversations: number): Row {
  return {
    id: `messages-${conversations}`,
    title: `${count(messages)} messages in ${count(conversations)} conversation${conversations === 1 ? '' : 's'}`,
    subjects: ['raw', 'limit', 'hand', 'old', 'sdk'],
    task: { task: 'messages', count: messages, conversations, warmUp: Math.max(warmUp, 2 * conversations) },
    rounds,
    shows: each,
    targets: [
      { figure: 'cpuUs', against: 'limit', most: 1.2 },
      { figure: 'cpuUs', against: 'old', most: 1 },
    ],
  };
}

function changesRow({ rounds, changes, warmUp }: Sizes): Row {
  return {
    id: 'changes',
    title: `${count(changes)} conversation notifications`,
    subjects: ['raw', 'limit', 'hand', 'old', 'sdk'],
    task: { task: 'changes', count: changes, conversations: 10_000, warmUp: 2 * warmUp },
    rounds,
    shows: each,
    targets: [
      { figure: 'cpuUs', against: 'limit', most: 1.3 },
      { figure: 'cpuUs', against: 'old', most: 1 },
    ],
  };
}

function requestsRow({ rounds, requestMs }: Sizes, request: 'getClock' | 'publishEvent', inFlight: number): Row {
  return {
    id: `${request}-${inFlight}`,
    title: `${request}, ${count(inFlight)} in flight`,
    subjects: ['limit', 'old', 'mended', 'sdk'],
    // The old client's collapse begins after a second.
    task: { task: 'requests', request, inFlight, warmUpMs: requestMs * 0.6, forMs: requestMs },
    rounds: Math.min(rounds, 3),
    shows: { ...each, p50Ms: 'ms p50', p99Ms: 'ms p99' },
    targets: [
      { figure: 'perSecond', against: 'limit', least: 0.85 },
      { figure: 'perSecond', against: 'old', least: 1 },
      ...(inFlight === 64 ? [{ figure: 'p99Ms', against: 'old', most: 1 } as const] : []),
    ],
  };
}

function echoRow({ rounds, echoes }: Sizes, conversations: number): Row {
  const messages = echoes / conversations;
  return {
    id: `echo-${conversations}`,
    title: `echo bot, ${count(conversations)} × ${count(messages)}`,
    subjects: ['old', 'unawaited', 'sdk'],
    task: { task: 'echo', conversations, messages, warmUp: Math.ceil(messages / 2) },
    rounds: Math.min(rounds, 3),
    shows: { ...each, missing: 'missing', repeated: 'repeated' },
    targets: [
      ...(['unawaited', 'sdk'] as const).flatMap((of) => [
        { figure: 'cpuUs', of, against: 'old', most: 0.6 } as const,
        { figure: 'missing', of, most: 0 },
        { figure: 'repeated', of, most: 0 },
      ]),
    ],
  };
}

function shimRow({ rounds, echoes }: Sizes): Row {
  return {
    id: 'shim',
    title: `the old echo bot on both packages, 100 × ${count(echoes / 100)}`,
    subjects: ['old', 'shim', 'sdk'],
    task: { task: 'echo', conversations: 100, messages: echoes / 100, warmUp: Math.ceil(echoes / 200) },
    rounds: Math.min(rounds, 3),
    shows: { ...each, missing: 'missing', repeated: 'repeated' },
    targets: [
      { figure: 'cpuUs', of: 'shim', against: 'old', most: 1 },
      { figure: 'missing', of: 'shim', most: 0 },
      { figure: 'repeated', of: 'shim', most: 0 },
    ],
  };
}

function shimLoadRow({ rounds }: Sizes): Row {
  return {
    id: 'shim-load',
    title: 'loading and connecting, on both packages',
    subjects: ['old', 'shim'],
    task: undefined,
    rounds: 3 * rounds,
    nodeOptions: ['--expose-gc'],
    shows: {
      importCpuMs: 'ms CPU to load',
      heapMb: 'MB of heap, connected',
      rssMb: 'MB resident',
      http: 'HTTP requests',
    },
    targets: [
      { figure: 'importCpuMs', against: 'old', most: 1 },
      { figure: 'heapMb', against: 'old', most: 1 },
      { figure: 'http', against: 'old', most: 1 },
    ],
  };
}

function startRow({ rounds, open }: Sizes): Row {
  return {
    id: 'start',
    title: `start with ${count(open)} open conversations, all answered`,
    subjects: ['old', 'mended', 'sdk'],
    task: { task: 'start', conversations: open, historyLength: 10 },
    rounds: Math.min(rounds, 3),
    shows: { wallMs: 'ms', cpuMs: 'ms CPU', peakMb: 'MB at most', queries: 'queries', repeated: 'repeated' },
    targets: [
      { figure: 'wallMs', against: 'old', most: 0.5 },
      { figure: 'peakMb', against: 'old', most: 0.5 },
      { figure: 'repeated', most: 0 },
    ],
  };
}

function idleRow({ rounds, open }: Sizes): Row {
  return {
    id: 'idle',
    title: `${count(open)} idle conversations with an open stream`,
    subjects: ['sdk'],
    task: { task: 'idle', conversations: open },
    rounds: Math.min(rounds, 3),
    nodeOptions: ['--expose-gc'],
    shows: { lastNotificationBytes: 'bytes for the last notification', streamBytes: 'bytes for the stream' },
    targets: [{ figure: 'streamBytes', most: 4096 }],
  };
}

function reconnectRow({ rounds, open }: Sizes): Row {
  return {
    id: 'reconnect',
    title: `reconnect with ${count(open)} open streams`,
    subjects: ['sdk'],
    task: { task: 'reconnect', conversations: open },
    rounds: Math.min(rounds, 3),
    shows: {
      wallMs: 'ms to all live',
      cpuMs: 'ms CPU',
      queries: 'queries',
      mostQueriesAtOnce: 'queries at once',
    },
    targets: [{ figure: 'mostQueriesAtOnce', most: 8 }],
  };
}

function connectRow({ rounds }: Sizes): Row {
  return {
    id: 'connect',
    title: 'import and connect to ready',
    subjects: ['limit', 'libraries', 'old', 'sdk'],
    task: undefined,
    rounds,
    shows: {
      importMs: 'ms import',
      connectMs: 'ms connect',
      rssMb: 'MB resident',
      http: 'HTTP requests',
      upgrades: 'upgrades',
      messages: 'requests on the socket',
    },
    targets: [
      { figure: 'importMs', against: 'old', most: 1 },
      { figure: 'http', against: 'old', most: 1 },
      { figure: 'messages', most: 1 },
    ],
  };
}

const SEGMENTS = 6;

function soakRow({ rounds, soak }: Sizes): Row {
  const names = Array.from({ length: SEGMENTS }, (_, index) => index + 1);
  return {
    id: 'soak',
    title: `${count(soak.conversations)} conversations, 1 hour of virtual time, ${count(SEGMENTS * soak.perSegment)} messages`,
    subjects: ['virtual'],
    task: { task: 'soak', segments: SEGMENTS, ...soak },
    rounds: Math.min(rounds, 1),
    nodeOptions: ['--expose-gc', '--max-old-space-size=4096'],
    shows: {
      ...Object.fromEntries(names.map((segment) => [`cpuUs${segment}`, `µs CPU each in part ${segment}`])),
      ...Object.fromEntries(names.map((segment) => [`heapMb${segment}`, `MB after part ${segment}`])),
      costGrowth: 'cost, last part / first',
      heapGrowth: 'heap, last part / first',
    },
    targets: [
      { figure: 'costGrowth', most: 1.15 },
      { figure: 'heapGrowth', most: 1.05 },
    ],
  };
}
