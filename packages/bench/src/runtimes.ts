import type { SubjectName } from './client/main.ts';
import type { Figures } from './client/tasks.ts';
import type { Row, Target } from './plan.ts';
import type { RunOptions } from './platform.ts';
import { NAMES, round } from './report.ts';
import { ratioOf, type Spread } from './statistics.ts';

/** A version may be this much further from what cannot be faster than the one it is compared with. */
export const MOST_APART = 1.1;

/** One row's ratio on each runtime. */
export interface RuntimeRow {
  readonly title: string;
  readonly figure: string;
  readonly ratios: readonly Spread[];
  /** Each ratio by that on the first runtime, turned so that more is worse. */
  readonly apart: readonly number[];
}

type Run = (subject: SubjectName, row: Row, how: RunOptions) => Promise<Figures>;

/** Measures each row's ratio on every runtime: in each round each of them once. */
export async function runOnRuntimes(
  run: Run,
  plan: readonly Row[],
  nodes: readonly string[],
  tell: (row: RuntimeRow) => void,
): Promise<void> {
  for (const row of plan) {
    const target = row.targets.find(({ against }) => against !== undefined);
    if (target) tell(await compare(run, row, target, nodes));
  }
}

async function compare(run: Run, row: Row, target: Target, nodes: readonly string[]): Promise<RuntimeRow> {
  const against = target.against as SubjectName;
  const measured = nodes.map((node) => ({ node, ours: [] as number[], theirs: [] as number[] }));
  for (let count = 0; count < row.rounds; count++) {
    for (const { node, ours, theirs } of measured) {
      theirs.push((await run(against, row, { ...row, node }))[target.figure] ?? Number.NaN);
      ours.push((await run('sdk', row, { ...row, node }))[target.figure] ?? Number.NaN);
    }
  }
  const ratios = measured.map(({ ours, theirs }) => ratioOf(ours, theirs));
  const first = ratios[0]?.median ?? Number.NaN;
  const apart = ratios.map(({ median }) => (target.most === undefined ? first / median : median / first));
  return { title: row.title, figure: `${target.figure} / ${NAMES[against]}`, ratios, apart };
}

/** One row as a line of text. */
export function describeRuntimeRow({ title, figure, ratios, apart }: RuntimeRow, versions: readonly string[]): string {
  const each = versions.map((version, index) => {
    const { median = Number.NaN } = ratios[index] ?? {};
    const by = apart[index] ?? Number.NaN;
    const verdict = index === 0 ? '' : ` (${round(by)} of the first: ${by <= MOST_APART ? 'met' : 'MISSED'})`;
    return `${version} ${round(median)}${verdict}`;
  });
  return `${title}, ${figure}: ${each.join(', ')}`;
}
