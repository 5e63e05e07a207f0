export { AgentSurveyClient, type AgentSurveyTarget, isStaleRevision, type SurveyRevision } from './agent-survey.ts';
export type { ReportInvalid, RestCallOptions, RestPort } from './exchange.ts';
export { type HistoryCallOptions, HistoryClient, type HistoryPageOptions } from './history.ts';
