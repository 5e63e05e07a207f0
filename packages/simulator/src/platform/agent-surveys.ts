import type { Clock } from '@lp/core';
import type { Random } from '../random.ts';

/** A question of an agent survey; everything else goes to the client as it is. */
export interface SurveyQuestion {
  /** The id of the question. */
  readonly id: number;
  /** Which question comes next depends on the answer: what a client gets at a time ends with such a question. */
  readonly containsLogic?: boolean;
  readonly [field: string]: unknown;
}

export interface SurveyState {
  status: 'open' | 'submitted' | 'dismissed';
  lastActionTimeInMillis: number;
  /** 19 digits: as a number it would lose its last ones. */
  revision: string;
  answers: readonly Record<string, unknown>[];
}

/** What agents have filled in about conversations, by conversation and skill. */
export class AgentSurveys {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #states = new Map<string, SurveyState>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  state(conversationId: string, skillId: string): SurveyState {
    const key = `${conversationId} ${skillId}`;
    let state = this.#states.get(key);
    if (!state) {
      state = { status: 'open', lastActionTimeInMillis: 0, revision: this.#random.digits(19), answers: [] };
      this.#states.set(key, state);
    }
    return state;
  }

  change(state: SurveyState, status: SurveyState['status'], answers: readonly Record<string, unknown>[]): void {
    state.status = status;
    state.answers = answers;
    state.lastActionTimeInMillis = this.#clock.now();
    state.revision = this.#random.digits(19);
  }
}

/** The questions from one on, up to and with the next that contains logic; undefined when there is no such question. */
export function sequenceFrom(questions: readonly SurveyQuestion[], root: string | null): SurveyQuestion[] | undefined {
  const start = root === null ? 0 : questions.findIndex(({ id }) => String(id) === root);
  if (start < 0) return undefined;
  const length = questions.slice(start).findIndex(({ containsLogic }) => containsLogic) + 1;
  return questions.slice(start, length === 0 ? undefined : start + length);
}
