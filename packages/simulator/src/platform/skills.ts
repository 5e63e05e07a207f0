import { ConfigError } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import type { SurveyQuestion } from './agent-surveys.ts';

/** A skill of the simulated account. */
export interface SimulatedSkill {
  /** The id. */
  id: string;
  /** The name. */
  name?: string;
  /**
   * Conversations closed with this skill get a survey; its bot knows the dialog by this installation's id. One in which
   * nothing happens for `timeoutMs` milliseconds (an hour when left out) is closed. Default: none.
   */
  survey?: { appInstallId: string; timeoutMs?: number };
  /**
   * After how long without a word conversations are closed whose consumer is to answer: 25 minutes to 90 days,
   * in milliseconds. It is looked at every 25 minutes. Default: 90 days.
   */
  autoCloseMs?: number;
  /** Questions that agents answer about conversations of this skill. */
  agentSurvey?: readonly SurveyQuestion[];
  /** Whether it is at work now, and when that changes, in milliseconds since the epoch. Default: it always is. */
  shift?: { onShift?: boolean; nextOn?: number; nextOff?: number };
}

/** The skill of conversations that have none. */
export const UNASSIGNED_SKILL = '-1';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const SURVEY_TIMEOUT_MS = 60 * MINUTE_MS;
/** How often it is looked for conversations to close, and the least time that a skill may give them. */
export const AUTO_CLOSE_EVERY_MS = 25 * MINUTE_MS;
const MAX_AUTO_CLOSE_MS = 90 * DAY_MS;

const TTR_SECONDS: Readonly<Record<string, number>> = { URGENT: 120, PRIORITIZED: 600, NORMAL: 1200, CUSTOM: 600 };

/** The account's skills. Skills that nobody has described exist all the same: they have no name and no survey. */
export class Skills {
  readonly #byId: ReadonlyMap<string, SimulatedSkill>;

  constructor(skills: readonly SimulatedSkill[]) {
    this.#byId = new Map(skills.map((skill) => [skill.id, skill]));
  }

  get all(): SimulatedSkill[] {
    return [...this.#byId.values()];
  }

  survey(skillId: string): { appInstallId: string } | undefined {
    return this.#byId.get(skillId)?.survey;
  }

  surveyTimeoutMs(skillId: string): number {
    return this.#byId.get(skillId)?.survey?.timeoutMs ?? SURVEY_TIMEOUT_MS;
  }

  autoCloseMs(skillId: string): number {
    return this.#byId.get(skillId)?.autoCloseMs ?? MAX_AUTO_CLOSE_MS;
  }

  agentSurvey(skillId: string): readonly SurveyQuestion[] | undefined {
    return this.#byId.get(skillId)?.agentSurvey;
  }

  /** The time to respond of a priority, in seconds. */
  ttr(ttrType: string): { ttrType: string; value: number } {
    return { ttrType, value: TTR_SECONDS[ttrType] ?? 600 };
  }
}

/** @throws ConfigError that says which skill and which field is wrong. */
export function checkSkills(skills: readonly SimulatedSkill[]): readonly SimulatedSkill[] {
  if (!Array.isArray(skills)) throw new ConfigError('skills must be a list');
  skills.forEach((skill: SimulatedSkill, i) => checkSkill(skill, `skills[${i}]`));
  if (new Set(skills.map(({ id }: SimulatedSkill) => id)).size < skills.length) {
    throw new ConfigError('two skills have the same id');
  }
  return skills;
}

function checkSkill(skill: SimulatedSkill, at: string): void {
  const checker = optionsChecker(skill, at);
  checker.texts(['id'], { required: true });
  checker.some(['name'], 'a text', (name) => typeof name === 'string');
  checker.objects(['survey', 'shift']);
  checker.some(['autoCloseMs'], '25 minutes to 90 days, in milliseconds', isAutoClose);
  checker.some(['agentSurvey'], 'a list of questions with an id', isQuestions);
  checker.nothingElse();
  const { survey, shift } = skill;
  if (survey) {
    const ofSurvey = optionsChecker(survey, `${at}.survey`);
    ofSurvey.texts(['appInstallId'], { required: true });
    ofSurvey.some(['timeoutMs'], 'a number above 0', (ms) => typeof ms === 'number' && ms > 0);
    ofSurvey.nothingElse();
  }
  if (shift) {
    const ofShift = optionsChecker(shift, `${at}.shift`);
    ofShift.booleans(['onShift']);
    ofShift.some(['nextOn', 'nextOff'], 'a time in milliseconds since the epoch', Number.isFinite);
    ofShift.nothingElse();
  }
}

const isAutoClose = (ms: unknown): boolean =>
  typeof ms === 'number' && ms >= AUTO_CLOSE_EVERY_MS && ms <= MAX_AUTO_CLOSE_MS;

const isQuestions = (list: unknown): boolean =>
  Array.isArray(list) && list.every((question: Partial<SurveyQuestion> | null) => typeof question?.id === 'number');
