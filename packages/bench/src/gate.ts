import type { SubjectName } from './client/main.ts';
import type { Figures, Task } from './client/tasks.ts';
import type { Platform } from './platform.ts';

// Ratios to what cannot be faster, taken in the same minute, say the same on a fast and on a slow machine. Each bound leaves
// room for the noise of a shared one, about half as much again as a quiet one shows. What fails is measured again before it
// is believed: the best rounds are compared, and noise only ever adds, so a change that costs as much in each round stays out.
const FEWEST_ROUNDS = 2;
const MOST_ROUNDS = 4;

/** Something that must not get dearer. */
export interface Check {
  readonly title: string;
  readonly task: Task;
  readonly figure: string;
  /** Whose figure ours is divided by; without one the figure itself is bounded, which noise does not touch. */
  readonly against?: SubjectName;
  readonly most: number;
  readonly nodeOptions?: readonly string[];
}

const CHECKS: readonly Check[] = [
  {
    title: 'CPU of a message notification',
    task: { task: 'messages', count: 40_000, conversations: 100, warmUp: 20_000, loops: 'one' },
    figure: 'cpuUs',
    against: 'limit',
    most: 1.8,
  },
  {
    title: 'CPU of a conversation notification',
    task: { task: 'changes', count: 10_000, conversations: 1_000, warmUp: 10_000, foreign: false },
    figure: 'cpuUs',
    against: 'hand',
    most: 2.5,
  },
  {
    title: 'CPU of a request and its response',
    task: { task: 'requests', request: 'publishEvent', inFlight: 64, warmUpMs: 400, forMs: 300, atLeast: 20_000 },
    figure: 'cpuUs',
    against: 'limit',
    most: 2,
  },
  {
    title: 'CPU of an echo',
    task: { task: 'echo', users: 1, conversations: 100, messages: 60, warmUp: 60 },
    figure: 'cpuUs',
    against: 'rawBot',
    most: 2.1,
  },
  {
    // With the code that is compiled meanwhile, a third of it here.
    title: 'live bytes of a served conversation',
    task: { task: 'echo', users: 1, conversations: 1_000, messages: 1, warmUp: 1, weigh: true },
    figure: 'liveBytes',
    most: 10_500,
    nodeOptions: ['--expose-gc'],
  },
  {
    title: 'times that a start is told of each conversation',
    task: { task: 'start', conversations: 1_000, historyLength: 10 },
    figure: 'told',
    most: 1.01,
  },
  {
    title: 'queries of a start with 1,000 conversations',
    task: { task: 'start', conversations: 1_000, historyLength: 10 },
    figure: 'queries',
    most: 1_100,
  },
];

/** What the gate found of one kind of work. */
export interface Verdict {
  readonly title: string;
  readonly against: SubjectName | undefined;
  /** The best round of ours, by the best of theirs where there is one. */
  readonly value: number;
  readonly most: number;
  readonly passed: boolean;
}

type Measure = (subject: SubjectName, task: Task, nodeOptions?: readonly string[]) => Promise<Figures>;

/** Measures what the gate bounds; `tell` is called with each verdict as it falls. */
export async function runGate(platform: Platform, tell: (verdict: Verdict) => void): Promise<boolean> {
  const measure: Measure = async (subject, task, nodeOptions) =>
    (await platform.run(subject, [task], { nodeOptions })).tasks[0] ?? {};
  let passed = true;
  for (const check of CHECKS) {
    const verdict = await runCheck(check, measure);
    tell(verdict);
    passed &&= verdict.passed;
  }
  return passed;
}

/** Measures one thing, more often when it seems to fail. */
export async function runCheck(check: Check, measure: Measure): Promise<Verdict> {
  const { against, figure, most, nodeOptions, task, title } = check;
  let [ours, theirs] = [Number.NaN, against ? Number.NaN : 1];
  for (let round = 1; ; round++) {
    if (against) theirs = least(theirs, (await measure(against, task, nodeOptions))[figure]);
    ours = least(ours, (await measure('sdk', task, nodeOptions))[figure]);
    const value = ours / theirs;
    const passed = value <= most;
    const enough = against === undefined ? 1 : passed ? FEWEST_ROUNDS : MOST_ROUNDS;
    if (round >= enough) return { title, against, value, most, passed };
  }
}

/** The lower of two; a figure that is missing is none. */
function least(known: number, value = Number.NaN): number {
  return Number.isNaN(known) ? value : Math.min(known, value);
}
