import type { SubjectName } from './client/main.ts';
import type { Figures } from './client/tasks.ts';
import type { Row, Target } from './plan.ts';
import { ratioOf, type Spread, spreadOf } from './statistics.ts';

/** The figures of each round, by subject. */
export type Rounds = Partial<Record<SubjectName, Figures[]>>;

/** A target, and whether it was reached. */
export interface Outcome extends Target {
  readonly value: Spread;
  readonly met: boolean;
}

/** One row as it was measured. */
export interface RowResult {
  readonly id: string;
  readonly title: string;
  readonly rounds: number;
  readonly figures: Partial<Record<SubjectName, Readonly<Record<string, Spread>>>>;
  readonly targets: readonly Outcome[];
}

/** One run of everything. */
export interface Results {
  readonly at: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  /** The operating system. */
  readonly system: string;
  /** Of what is compared. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly RowResult[];
}

/** Puts the rounds of a row together. */
export function conclude(row: Row, rounds: Rounds): RowResult {
  const names = Object.keys(row.shows);
  const figures: RowResult['figures'] = {};
  for (const subject of row.subjects) {
    figures[subject] = Object.fromEntries(names.map((name) => [name, spreadOf(valuesOf(rounds, subject, name))]));
  }
  const ours = row.subjects.at(-1) as SubjectName;
  const targets = row.targets.map((target): Outcome => {
    const { against, figure, least = 0, most = Number.POSITIVE_INFINITY, of = ours } = target;
    const values = valuesOf(rounds, of, figure);
    const value = against === undefined ? spreadOf(values) : ratioOf(values, valuesOf(rounds, against, figure));
    return { ...target, value, met: value.median >= least && value.median <= most };
  });
  return { id: row.id, title: row.title, rounds: row.rounds, figures, targets };
}

function valuesOf(rounds: Rounds, subject: SubjectName, figure: string): number[] {
  return (rounds[subject] ?? []).map((figures) => figures[figure] ?? Number.NaN);
}
