import type { Random } from '../random.ts';

/** Whom a fault hits, and how long it lasts. */
export interface FaultOptions {
  /** Only the sockets of the agent with this username. Default: all agents'. */
  agent?: string;
  /** The share of chances at which it strikes, above 0 to 1. Repeatable: drawn from the seed. Default 1. */
  share?: number;
  /** How often it strikes before it is over. Default: until `clear()`. */
  times?: number;
}

export type Effect =
  | 'delay'
  | 'lateResponse'
  | 'duplicate'
  | 'lose'
  | 'corrupt'
  | 'reorder'
  | 'omitLastContent'
  | 'silence'
  | 'failRequest'
  | 'slowReads'
  | 'failUpgrade'
  | 'hangUpgrade'
  | 'failLogin'
  | 'failCsds';

export interface Rule {
  readonly effect: Effect;
  readonly options: FaultOptions;
  left: number;
  /** A duration, an HTTP status or a response code, or a size: what the effect needs. */
  readonly value: number;
  readonly type?: string;
  /** The text of a refusal, or its `Retry-After`. */
  readonly text?: string | undefined;
}

/** The faults in force. While there are none, asking costs one comparison. */
export class FaultRules {
  readonly #random: Random;
  #rules: Rule[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  get active(): boolean {
    return this.#rules.length > 0;
  }

  get all(): readonly Rule[] {
    return this.#rules;
  }

  add(effect: Effect, value: number, options: FaultOptions, more: Pick<Rule, 'type' | 'text'> = {}): void {
    const { times = Number.POSITIVE_INFINITY } = options;
    this.#rules = [...this.#rules, { effect, value, options, left: times, ...more }];
  }

  remove(rule: Rule): void {
    this.#rules = this.#rules.filter((other) => other !== rule);
  }

  /** The rule that strikes now, if any; counts it. */
  strike(effect: Effect, username?: string, fits: (rule: Rule) => boolean = () => true): Rule | undefined {
    for (const rule of this.#rules) {
      if (rule.effect !== effect || !fits(rule)) continue;
      const { agent, share = 1 } = rule.options;
      if (agent !== undefined && agent !== username) continue;
      if (share < 1 && this.#random.next() >= share) continue;
      if (--rule.left <= 0) this.remove(rule);
      return rule;
    }
    return undefined;
  }

  shuffle<T>(items: T[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      // Never stays where it is: with two items, the order is sure to change.
      const j = this.#random.below(i);
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
  }

  /** Where a text of this length is cut when it is corrupted. */
  cut(length: number): number {
    return 1 + this.#random.below(Math.max(1, length - 1));
  }

  clear(): void {
    this.#rules = [];
  }
}
