import type { Variant } from './lane.ts';

/** How a kind of bot was killed, and what came of it. */
export interface KillsRow {
  readonly kind: Variant['kind'];
  readonly store: Variant['store'];
  readonly metadata: boolean;
  readonly how: 'random' | 'faults' | 'points' | 'pairs';
  readonly kills: number;
  readonly cuts: number;
  readonly conversations: number;
  /** Effects of a form, or answers of a model. */
  readonly effects: number;
  /** Effects that were done again under the same key, or calls of the model besides the first. */
  readonly repeated: number;
  readonly wrong: readonly string[];
}
