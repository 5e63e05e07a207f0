import type { Clock } from '@lp/core';
import type { Random } from '../random.ts';

/** A question of an agent survey; everything but the id goes to the client as it is. */
export interface SurveyQuestion {
  readonly id: number;
  readonly [field: string]: unknown;
}

export interface SurveyState {
  status: 'open' | 'submitted' | 'dismissed';
  lastActionTimeInMillis: number;
  /** 19 digits: as a number it would lose its last ones. */
  revision: string;
  answers: readonly Record<string, unknown>[];
}

/** What agents have filled in about conversations, by conversation, skill and position. */
export class AgentSurveys {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #states = new Map<string, SurveyState>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  state(conversationId: string, skillId: string, root: string): SurveyState {
    const key = `${conversationId} ${skillId} ${root}`;
    let state = this.#states.get(key);
    if (!state) {
      state = { status: 'open', lastActionTimeInMillis: 0, revision: '', answers: [] };
      this.#touch(state);
      this.#states.set(key, state);
    }
    return state;
  }

  change(state: SurveyState, status: SurveyState['status'], answers: readonly Record<string, unknown>[]): void {
    state.status = status;
    state.answers = answers;
    this.#touch(state);
  }

  #touch(state: SurveyState): void {
    state.lastActionTimeInMillis = this.#clock.now();
    state.revision = this.#random.digits(19);
  }
}
