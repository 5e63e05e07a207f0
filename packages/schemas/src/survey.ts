import * as z from 'zod';
import { looseObject, strictObject } from './objects.ts';
import { openEnum, optionalText, optionalTime } from './primitives.ts';

const surveyId = z.union([z.number(), z.string()]);

export const AgentSurveyContextSchema = looseObject(() => ({
  /** Whether it is still to be filled in. */
  agentSurveyStatus: openEnum(['open', 'submitted', 'dismissed']).optional(),
  /** When it was last worked on, in milliseconds since 1970. */
  lastActionTimeInMillis: optionalTime,
  /** When it closes by itself, in milliseconds since 1970. */
  autoCloseTimestamp: optionalTime,
  /** Its revision: a long number, kept exact as text. */
  stateRevision: optionalText,
}));
/** How an agent survey stands. */
export type AgentSurveyContext = z.infer<typeof AgentSurveyContextSchema>;

export const AgentSurveyStateSchema = looseObject(() => ({
  /** The questions to show now. */
  questions: z.array(z.looseObject({ id: surveyId.optional(), questionState: z.unknown().optional() })).optional(),
  /** How it stands. */
  agentSurveyContext: AgentSurveyContextSchema.optional(),
}));
/** A survey and how it stands. */
export type AgentSurveyState = z.infer<typeof AgentSurveyStateSchema>;

export const AgentSurveyAnswerSchema = strictObject(() => ({
  /** The question's id. */
  id: surveyId,
  /** `answer`: it is answered here; `show`: it is only shown. */
  questionStatus: z.enum(['show', 'answer']),
  /** The ids of the replies that were chosen. */
  replyIds: z.array(surveyId).optional(),
  /** What was written. */
  freeTextReply: optionalText,
  /** The engagement attribute that the answer is kept as. */
  engAttribute: z.looseObject({ type: z.string() }).optional(),
}));
/** The answer to one question of a survey, or that it is only shown. */
export type AgentSurveyAnswer = z.infer<typeof AgentSurveyAnswerSchema>;
