import { isObject } from '../handlers/call.ts';
import type { SurveyQuestion, SurveyState } from '../platform/agent-surveys.ts';
import type { Platform } from '../platform/platform.ts';
import { authorize } from './authorization.ts';
import { type Exchange, jsonBody, send, sendError } from './exchange.ts';

const REVISION = 'x-lp-state-rev';

interface Survey {
  readonly questions: readonly SurveyQuestion[];
  readonly state: SurveyState;
}

/** The state of a survey: GET reads it, POST submits, PUT keeps a draft, DELETE dismisses. */
export function surveyState(exchange: Exchange, platform: Platform): void {
  const { request, response } = exchange;
  const survey = find(exchange, platform);
  if (!survey) return;
  const { state } = survey;
  if (request.method === 'GET') {
    sendState(exchange, { questions: shown(survey), agentSurveyContext: context(state) }, state);
    return;
  }
  const revision = request.headers[REVISION];
  // A draft may be kept without a revision; what ends the survey must name the one it has seen.
  if (revision === undefined ? request.method !== 'PUT' : revision !== state.revision) {
    sendError(response, 409, 'The survey has changed: read its state again');
    return;
  }
  if (state.status !== 'open') {
    sendError(response, 410, 'The survey is closed');
    return;
  }
  const answers = request.method === 'DELETE' ? [] : readAnswers(exchange, survey);
  if (!answers) {
    sendError(response, 400, 'The answers do not fit the questions');
    return;
  }
  const status = { POST: 'submitted', DELETE: 'dismissed' } as const;
  platform.agentSurveys.change(state, status[request.method as 'POST' | 'DELETE'] ?? 'open', answers);
  sendState(exchange, context(state), state);
}

/** The whole survey, its state included. */
export function wholeSurvey(exchange: Exchange, platform: Platform): void {
  const survey = find(exchange, platform);
  if (!survey) return;
  const { questions, state } = survey;
  sendState(exchange, { questions, state: shown(survey), agentSurveyContext: context(state) }, state);
}

function find(exchange: Exchange, platform: Platform): Survey | undefined {
  const { response, url } = exchange;
  const fail = (status: number, text: string): undefined => {
    sendError(response, status, text);
    return undefined;
  };
  if (!authorize(exchange, platform)) return fail(401, 'The token is not valid');
  const conversationId = url.searchParams.get('conv');
  const skillId = url.searchParams.get('skill');
  if (conversationId === null || skillId === null) return fail(400, 'conv and skill are needed');
  const questions = platform.skills.agentSurvey(skillId);
  if (!questions || !platform.conversations.has(conversationId)) return fail(404, 'There is no survey');
  const root = url.searchParams.get('seqRoot') ?? '';
  return { questions, state: platform.agentSurveys.state(conversationId, skillId, root) };
}

function shown({ questions, state }: Survey): object[] {
  return questions.map((question) => {
    const answer = state.answers.find(({ id }) => id === question.id);
    return { ...question, questionState: answer ?? { id: question.id, questionStatus: 'show' } };
  });
}

function readAnswers(exchange: Exchange, { questions }: Survey): Record<string, unknown>[] | undefined {
  const body: unknown = jsonBody(exchange);
  const known = new Set(questions.map((question) => question.id));
  if (!Array.isArray(body)) return undefined;
  const fits = (answer: unknown): answer is Record<string, unknown> =>
    isObject(answer) &&
    known.has(answer['id'] as number) &&
    (answer['questionStatus'] === 'show' || answer['questionStatus'] === 'answer');
  return body.every(fits) ? body : undefined;
}

const context = ({ status, lastActionTimeInMillis, revision }: SurveyState) => ({
  agentSurveyStatus: status,
  lastActionTimeInMillis,
  autoCloseTimestamp: 0,
  stateRevision: revision,
});

/** The revision is a number on the wire, written here as text because it has more digits than a number holds. */
function sendState({ response }: Exchange, body: object, { revision }: SurveyState): void {
  const text = JSON.stringify(body).replace(`"stateRevision":"${revision}"`, `"stateRevision":${revision}`);
  send(response, 200, text, { 'content-type': 'application/json', [REVISION]: revision });
}
