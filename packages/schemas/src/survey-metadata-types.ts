import type { OpenFields } from './objects.ts';

interface OfSurvey extends OpenFields {
  /** Where the survey is kept. */
  provider?: 'AC' | 'External' | undefined;
}

/** The message belongs to a survey. */
export interface SurveyMetadata extends OfSurvey {
  /** `Survey`. */
  type: 'Survey';
  /** The id of the survey. */
  id: string;
  /** The version of the survey. */
  revision?: string | number | undefined;
}

/** The message asks a question of a survey. */
export interface QuestionMetadata extends OfSurvey {
  /** `Question`. */
  type: 'Question';
  /** The id of the question. */
  id: string;
  /** The survey, by id. */
  surveyId?: string | undefined;
  /** The group of questions, by id. */
  groupId?: string | undefined;
  /** What can be answered. */
  replies?: unknown[] | undefined;
}

/** The message answers a question of a survey. */
export interface AnswerMetadata extends OfSurvey {
  /** `Answer`. */
  type: 'Answer';
  /** The id of the answer. */
  id: string;
  /** The question, by id. */
  questionId?: string | undefined;
  /** The survey, by id. */
  surveyId?: string | undefined;
  /** The group of questions, by id. */
  groupId?: string | undefined;
}

/** The message is no answer to the question of a survey. */
export interface InvalidAnswerMetadata extends OfSurvey {
  /** `InvalidAnswer`. */
  type: 'InvalidAnswer';
  /** The question, by id. */
  questionId: string;
  /** The survey, by id. */
  surveyId?: string | undefined;
}
