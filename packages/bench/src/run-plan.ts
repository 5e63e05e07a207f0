import { cpus } from 'node:os';
import type { Row } from './plan.ts';
import type { Platform } from './platform.ts';
import { conclude, type Results, type Rounds, type RowResult } from './results.ts';

/** Measures every row: in each round each subject once, so that what disturbs the machine disturbs all of them. */
export async function runPlan(
  platform: Platform,
  plan: readonly Row[],
  tell: (row: RowResult) => void,
): Promise<Results> {
  const rows: RowResult[] = [];
  for (const row of plan) {
    const result = conclude(row, await runRow(platform, row));
    rows.push(result);
    tell(result);
  }
  const [cpu] = cpus();
  return { at: new Date().toISOString(), node: process.version, cpu: cpu?.model ?? '', cores: cpus().length, rows };
}

async function runRow(platform: Platform, { rounds, subjects, task, nodeOptions }: Row): Promise<Rounds> {
  const all: Rounds = {};
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const { connect, tasks } = await platform.run(subject, task ? [task] : [], nodeOptions);
      (all[subject] ??= []).push(tasks[0] ?? connect);
    }
  }
  return all;
}
