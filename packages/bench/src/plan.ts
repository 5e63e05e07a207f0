// Over 300 lines: one table of all that is measured, with the target of each row beside it.
import type { SubjectName } from './client/main.ts';
import { hasExample } from './client/old-example.ts';
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
  /** Client and server share one core, where the system can do that. */
  readonly oneCore?: boolean;
  /** As how many users each subject logs in, in one process; default 1. */
  readonly users?: number;
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
  /** V8 compiles a client's code while it runs, and more code for longer: what is wanted is a client that has run for a while. */
  readonly requestWarmUpMs: number;
  readonly echoes: number;
  /** Of each conversation of each of the many users. */
  readonly crowdEchoes: number;
  readonly open: number;
  readonly soak: { readonly conversations: number; readonly perSegment: number };
}

const SIZES: Readonly<Record<Scale, Sizes>> = {
  full: {
    rounds: 3,
    messages: 100_000,
    changes: 30_000,
    warmUp: 20_000,
    requestMs: 1_000,
    requestWarmUpMs: 3_000,
    echoes: 10_000,
    crowdEchoes: 6,
    open: 10_000,
    soak: { conversations: 20_000, perSegment: 40_000 },
  },
  quick: {
    rounds: 1,
    messages: 40_000,
    changes: 15_000,
    warmUp: 10_000,
    requestMs: 250,
    requestWarmUpMs: 150,
    echoes: 3_000,
    crowdEchoes: 2,
    open: 2_000,
    soak: { conversations: 3_000, perSegment: 6_000 },
  },
};

/** Everything that is measured. */
export function planOf(scale: Scale): readonly Row[] {
  const sizes = SIZES[scale];
  return [
    echoRow(sizes, 100, [
      { figure: 'cpuUs', against: 'rawBot', most: 1.3 },
      { figure: 'cpuUs', against: 'old', most: 0.65 },
    ]),
    crowdRow(sizes),
    echoRow(sizes, 1, [{ figure: 'cpuUs', against: 'rawBot', most: 1.2 }]),
    connectRow(sizes),
    startRow(sizes),
    smallStartRow(sizes),
    smallCrowdRow(sizes),
    changesRow(sizes, {
      id: 'changes-foreign',
      title: 'notifications of one conversation of others, its pairs of ids unknown',
      conversations: 1,
      foreign: true,
      targets: [
        { figure: 'cpuUs', against: 'limit', most: 1.5 },
        { figure: 'cpuUs', against: 'old', most: 1 },
      ],
    }),
    changesRow(sizes, {
      id: 'changes',
      title: 'notifications of 10,000 conversations',
      conversations: 10_000,
      foreign: false,
      targets: [{ figure: 'cpuUs', against: 'hand', most: 1 }],
    }),
    ...[1, 100, 10_000].map((conversations) => messagesRow(sizes, conversations)),
    ...[100, 10_000].map((conversations) => loopsRow(sizes, conversations)),
    ...(['getClock', 'publishEvent'] as const).flatMap((request) =>
      [1, 64, 1_024].map((inFlight) => requestsRow(sizes, request, inFlight)),
    ),
    idleRow(sizes),
    reconnectRow(sizes),
    soakRow(sizes),
  ];
}

/** What is measured only when it is asked for by name: it is no part of the published run. */
export const sideRowsOf = (scale: Scale): readonly Row[] => [
  shimRow(SIZES[scale]),
  ...(hasExample() ? [shimExampleRow(SIZES[scale])] : []),
  shimLoadRow(SIZES[scale]),
];

/** The rows whose ratios are compared from one version of Node.js to the next. */
export function runtimeRowsOf(scale: Scale): readonly Row[] {
  const ids = ['echo-100', 'users', 'changes', 'messages-1', 'messages-10000', 'getClock-64', 'publishEvent-64'];
  return planOf(scale).filter(({ id }) => ids.includes(id));
}

const count = (value: number): string => value.toLocaleString('en');
const each = { cpuUs: 'µs CPU each', perSecond: 'per second' };
const whole = { missing: 'missing', repeated: 'repeated' };
const wholeTargets: readonly Target[] = [
  { figure: 'missing', most: 0 },
  { figure: 'repeated', most: 0 },
];

const inConversations = (conversations: number): string =>
  `${count(conversations)} conversation${conversations === 1 ? '' : 's'}`;

function messagesRow({ rounds, messages, warmUp }: Sizes, conversations: number): Row {
  return {
    id: `messages-${conversations}`,
    title: `${count(messages)} messages in ${inConversations(conversations)}, one stream`,
    subjects: ['raw', 'limit', 'old', 'sdk'],
    task: {
      task: 'messages',
      count: messages,
      conversations,
      warmUp: Math.max(warmUp, 2 * conversations),
      loops: 'one',
    },
    rounds,
    shows: each,
    targets: [
      { figure: 'cpuUs', against: 'limit', most: 1.15 },
      { figure: 'cpuUs', against: 'old', most: 0.7 },
    ],
  };
}

/** The same with a loop for each conversation, beside what handing on to so many loops costs anybody. */
function loopsRow({ rounds, messages, warmUp }: Sizes, conversations: number): Row {
  return {
    id: `loops-${conversations}`,
    title: `${count(messages)} messages in ${inConversations(conversations)}, a loop each`,
    subjects: ['limit', 'hand', 'old', 'sdk'],
    task: {
      task: 'messages',
      count: messages,
      conversations,
      warmUp: Math.max(warmUp, 2 * conversations),
      loops: 'each',
    },
    rounds,
    shows: each,
    targets: [],
  };
}

function changesRow(
  { rounds, changes, warmUp }: Sizes,
  {
    conversations,
    foreign,
    ...row
  }: Pick<Row, 'id' | 'title' | 'targets'> & { conversations: number; foreign: boolean },
): Row {
  return {
    ...row,
    title: `${count(changes)} ${row.title}`,
    subjects: ['raw', 'limit', 'hand', 'old', 'sdk'],
    task: { task: 'changes', count: changes, conversations, warmUp: 2 * warmUp, foreign },
    rounds,
    shows: each,
  };
}

function requestsRow(
  { rounds, requestMs, requestWarmUpMs }: Sizes,
  request: 'getClock' | 'publishEvent',
  inFlight: number,
): Row {
  const oneCore = inFlight === 1;
  return {
    id: `${request}-${inFlight}`,
    title: `${request}, ${count(inFlight)} in flight${oneCore ? ', both processes on one core' : ''}`,
    subjects: ['limit', 'old', 'mended', 'sdk'],
    // The old client's collapse begins after a second.
    task: { task: 'requests', request, inFlight, warmUpMs: requestWarmUpMs, forMs: requestMs },
    rounds,
    oneCore,
    shows: { ...each, p50Ms: 'ms p50', p99Ms: 'ms p99' },
    targets: [
      { figure: 'perSecond', against: 'limit', least: 0.9 },
      { figure: 'perSecond', against: 'old', least: 1 },
    ],
  };
}

function echoRow({ rounds, echoes }: Sizes, conversations: number, targets: readonly Target[]): Row {
  const messages = echoes / conversations;
  return {
    id: `echo-${conversations}`,
    title: `echo bot, ${count(conversations)} × ${count(messages)}`,
    subjects: ['rawBot', 'old', 'unawaited', 'sdk'],
    task: { task: 'echo', users: 1, conversations, messages, warmUp: Math.ceil(messages / 2) },
    rounds: conversations === 1 || rounds === 1 ? rounds : rounds + 2,
    shows: { ...each, ...whole },
    targets: [...targets, ...wholeTargets],
  };
}

const CROWD = { users: 50, conversations: 100 };

function crowdRow({ rounds, crowdEchoes: messages }: Sizes): Row {
  return {
    id: 'users',
    title: `echo bots of 50 users in one process, 100 × ${messages} each`,
    subjects: ['rawBot', 'sdk'],
    task: { task: 'echo', ...CROWD, messages, warmUp: Math.ceil(messages / 2) },
    users: CROWD.users,
    rounds,
    shows: { ...each, peakMb: 'MB at most', ...whole },
    targets: [{ figure: 'cpuUs', against: 'rawBot', most: 1.25 }, ...wholeTargets],
  };
}

function smallCrowdRow({ rounds, crowdEchoes: messages }: Sizes): Row {
  return {
    id: 'small-users',
    title: `echo bots of 50 users in one process, 100 × ${messages} each, heap limit 128 MB`,
    subjects: ['rawBot', 'sdk'],
    task: { task: 'echo', ...CROWD, messages, warmUp: Math.ceil(messages / 2), weigh: true },
    users: CROWD.users,
    nodeOptions: ['--expose-gc', '--max-old-space-size=128'],
    rounds: Math.min(rounds, 2),
    shows: { ...each, peakMb: 'MB at most', liveBytes: 'live bytes a conversation', ...whole },
    targets: [{ figure: 'peakMb', most: 170 }, { figure: 'liveBytes', most: 5_120 }, ...wholeTargets],
  };
}

function shimRow({ rounds, echoes }: Sizes): Row {
  return {
    id: 'shim',
    title: `the old echo bot on both packages, 100 × ${count(echoes / 100)}`,
    subjects: ['old', 'shim', 'sdk'],
    task: { task: 'echo', users: 1, conversations: 100, messages: echoes / 100, warmUp: Math.ceil(echoes / 200) },
    rounds,
    shows: { ...each, ...whole },
    targets: [
      { figure: 'cpuUs', of: 'shim', against: 'old', most: 1 },
      { figure: 'missing', of: 'shim', most: 0 },
      { figure: 'repeated', of: 'shim', most: 0 },
    ],
  };
}

/** The same by the old client's own program, where there is a copy of it. */
function shimExampleRow(sizes: Sizes): Row {
  return {
    ...shimRow(sizes),
    id: 'shim-example',
    title: `the old client’s example bot, unmodified, on both packages, 100 × ${count(sizes.echoes / 100)}`,
    subjects: ['oldExample', 'shimExample'],
    targets: [{ figure: 'cpuUs', against: 'oldExample', most: 1 }, ...wholeTargets],
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

const starting = {
  wallMs: 'ms',
  cpuMs: 'ms CPU',
  peakMb: 'MB at most',
  told: 'times told',
  queries: 'queries',
  repeated: 'repeated',
};

function startRow({ rounds, open }: Sizes): Row {
  return {
    id: 'start',
    title: `start with ${count(open)} open conversations, all answered`,
    subjects: ['old', 'mended', 'rawBot', 'sdk'],
    task: { task: 'start', conversations: open, historyLength: 10 },
    rounds: Math.min(rounds, 2),
    shows: starting,
    targets: [
      { figure: 'told', most: 1.01 },
      { figure: 'queries', most: 1.1 * open },
      { figure: 'peakMb', most: 300 },
      { figure: 'wallMs', against: 'old', most: 0.35 },
      { figure: 'repeated', most: 0 },
    ],
  };
}

function smallStartRow({ rounds, open }: Sizes): Row {
  return {
    id: 'small-start',
    title: `start with ${count(open)} open conversations, heap limit 128 MB`,
    subjects: ['sdk'],
    task: { task: 'start', conversations: open, historyLength: 10 },
    nodeOptions: ['--max-old-space-size=128'],
    rounds,
    shows: starting,
    targets: [{ figure: 'repeated', most: 0 }],
  };
}

function idleRow({ rounds, open }: Sizes): Row {
  return {
    id: 'idle',
    title: `${count(open)} idle conversations with an open stream`,
    subjects: ['sdk'],
    task: { task: 'idle', conversations: open },
    rounds: Math.min(rounds, 2),
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
    rounds: Math.min(rounds, 2),
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
    title: 'import, connect, and answer one conversation that waits',
    subjects: ['rawBot', 'libraries', 'old', 'sdk'],
    task: undefined,
    rounds: rounds === 1 ? 1 : 3 * rounds,
    shows: {
      importMs: 'ms import',
      connectMs: 'ms connect',
      rssMb: 'MB resident',
      firstAnswerMs: 'ms from the start of the process to the first answer',
      http: 'HTTP requests',
      upgrades: 'upgrades',
      messages: 'requests on the socket',
    },
    targets: [
      { figure: 'importMs', against: 'old', most: 0.9 },
      { figure: 'firstAnswerMs', against: 'rawBot', most: 2.3 },
      { figure: 'http', against: 'old', most: 1 },
      { figure: 'messages', most: 1 },
    ],
  };
}

const SEGMENTS = 6;

function soakRow({ soak }: Sizes): Row {
  const names = Array.from({ length: SEGMENTS }, (_, index) => index + 1);
  return {
    id: 'soak',
    title: `${count(soak.conversations)} conversations, 1 hour of virtual time, ${count(SEGMENTS * soak.perSegment)} messages`,
    subjects: ['virtual'],
    task: { task: 'soak', segments: SEGMENTS, ...soak },
    rounds: 1,
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
