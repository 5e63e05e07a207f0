import { ConfigError } from '@lp/core';
import type { SurveyQuestion } from './agent-surveys.ts';

/** A skill of the simulated account. */
export interface SimulatedSkill {
  id: string;
  name?: string;
  /** Conversations closed with this skill get a survey; its bot knows the dialog by this installation's id. */
  survey?: { appInstallId: string };
  /** Questions that agents answer about conversations of this skill. */
  agentSurvey?: readonly SurveyQuestion[];
  /** Whether it is at work now, and when that changes, in milliseconds since the epoch. By default it always is. */
  shift?: { onShift?: boolean; nextOn?: number; nextOff?: number };
}

/** The skill of conversations that have none. */
export const UNASSIGNED_SKILL = '-1';

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
  skills.forEach((skill, i) => {
    if (typeof skill.id !== 'string' || skill.id === '') throw new ConfigError(`skills[${i}].id must be text`);
    if (skill.survey !== undefined && typeof skill.survey.appInstallId !== 'string') {
      throw new ConfigError(`skills[${i}].survey.appInstallId must be text`);
    }
  });
  return skills;
}
