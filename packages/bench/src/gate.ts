import type { Figures, Task } from './client/tasks.ts';
import type { Platform } from './platform.ts';

// Ratios to the bare limit of the same run say the same on a fast and a slow machine. The bounds leave room for the
// noise of a shared one, half as much again, and more, as a quiet one shows (1.4, 2.5 and 1.4): they are for what goes wrong by
// half, not by a tenth.
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
    task: { task: 'messages', count: 20_000, conversations: 100, warmUp: 10_000 },
    figure: 'cpuUs',
    most: 2,
  },
  {
    title: 'CPU of a conversation notification',
    task: { task: 'changes', count: 10_000, conversations: 1_000, warmUp: 10_000 },
    figure: 'cpuUs',
    most: 4,
  },
  {
    title: 'CPU of a request and its answer',
    task: { task: 'requests', request: 'publishEvent', inFlight: 64, warmUpMs: 500, forMs: 300 },
    figure: 'cpuUs',
    most: 2.5,
  },
];

/** What the gate found of one kind of work. */
export interface Verdict {
  readonly title: string;
  /** The best round of ours by the best of the limit's: noise only ever adds. */
  readonly ratio: number;
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

/** The verdicts on the figures of each round, task by task. */
export function judge(ours: readonly (readonly Figures[])[], limit: readonly (readonly Figures[])[]): Verdict[] {
  return CHECKS.map(({ title, figure, most }, index) => {
    const best = (rounds: readonly (readonly Figures[])[]) =>
      Math.min(...rounds.map((figures) => figures[index]?.[figure] ?? Number.NaN));
    const ratio = best(ours) / best(limit);
    return { title, ratio, most, passed: ratio <= most };
  });
}
