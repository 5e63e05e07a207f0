import * as z from 'zod';
import { looseObject, strictObject } from './objects.ts';
import { openEnum, optionalText, optionalTime } from './primitives.ts';

const surveyId = z.union([z.number(), z.string()]);

/** How an agent survey stands. `stateRevision` is a long number, kept exact as text. */
export const AgentSurveyContextSchema = looseObject(() => ({
  agentSurveyStatus: openEnum(['open', 'submitted', 'dismissed']).optional(),
  lastActionTimeInMillis: optionalTime,
  autoCloseTimestamp: optionalTime,
  stateRevision: optionalText,
}));
export type AgentSurveyContext = z.infer<typeof AgentSurveyContextSchema>;

/** A survey and how it stands. */
export const AgentSurveyStateSchema = looseObject(() => ({
  questions: z.array(z.looseObject({ id: surveyId.optional(), questionState: z.unknown().optional() })).optional(),
  agentSurveyContext: AgentSurveyContextSchema.optional(),
}));
export type AgentSurveyState = z.infer<typeof AgentSurveyStateSchema>;

/** The answer to one question of a survey, or that it is only shown. */
export const AgentSurveyAnswerSchema = strictObject(() => ({
  id: surveyId,
  questionStatus: z.enum(['show', 'answer']),
  replyIds: z.array(surveyId).optional(),
  freeTextReply: optionalText,
  engAttribute: z.looseObject({ type: z.string() }).optional(),
}));
export type AgentSurveyAnswer = z.infer<typeof AgentSurveyAnswerSchema>;
