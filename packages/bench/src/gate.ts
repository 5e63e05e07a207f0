import type { Figures, Task } from './client/tasks.ts';
import type { Platform } from './platform.ts';
import { ratioOf, type Spread } from './statistics.ts';

// Ratios to the bare limit of the same run say the same on a fast and a slow machine. The bounds leave room for the
// noise of a shared one: they are for what goes wrong by half, not by a tenth.
const ROUNDS = 3;

interface Check {
  readonly title: string;
  readonly task: Task;
  readonly figure: 'cpuUs';
  readonly most: number;
}

const CHECKS: readonly Check[] = [
  {
    title: 'CPU of a message notification',
    task: { task: 'messages', count: 30_000, conversations: 100, warmUp: 10_000 },
    figure: 'cpuUs',
    most: 2,
  },
  {
    title: 'CPU of a conversation notification',
    task: { task: 'changes', count: 15_000, conversations: 1_000, warmUp: 15_000 },
    figure: 'cpuUs',
    most: 3,
  },
  {
    title: 'CPU of a request and its answer',
    task: { task: 'requests', request: 'publishEvent', inFlight: 64, warmUpMs: 300, forMs: 400 },
    figure: 'cpuUs',
    most: 3.5,
  },
];

/** What the gate found of one kind of work. */
export interface Verdict {
  readonly title: string;
  readonly ratio: Spread;
  readonly most: number;
  readonly passed: boolean;
}

/** Measures the SDK against the bare limit. */
export async function runGate(platform: Platform): Promise<Verdict[]> {
  const tasks = CHECKS.map(({ task }) => task);
  const ours: (readonly Figures[])[] = [];
  const limit: (readonly Figures[])[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    limit.push((await platform.run('limit', tasks)).tasks);
    ours.push((await platform.run('sdk', tasks)).tasks);
  }
  return judge(ours, limit);
}

/** The verdicts on the figures of each round, task by task. The best round counts: noise only ever adds. */
export function judge(ours: readonly (readonly Figures[])[], limit: readonly (readonly Figures[])[]): Verdict[] {
  return CHECKS.map(({ title, figure, most }, index) => {
    const values = (rounds: readonly (readonly Figures[])[]) =>
      rounds.map((figures) => figures[index]?.[figure] ?? Number.NaN);
    const ratio = ratioOf(values(ours), values(limit));
    return { title, ratio, most, passed: Math.min(...values(ours)) / Math.min(...values(limit)) <= most };
  });
}
