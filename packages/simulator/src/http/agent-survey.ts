import { isObject } from '../handlers/call.ts';
import { type SurveyQuestion, type SurveyState, sequenceFrom } from '../platform/agent-surveys.ts';
import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { requireBrand } from './authorization.ts';
import { type Exchange, jsonBody, send } from './exchange.ts';

const REVISION = 'x-lp-state-rev';

interface Survey {
  readonly skillId: string;
  readonly questions: readonly SurveyQuestion[];
  readonly state: SurveyState;
}

/** The state of a survey: GET reads it, POST submits, PUT keeps a draft, DELETE dismisses. */
export function surveyState(exchange: Exchange, platform: Platform): void {
  const { request, url } = exchange;
  const survey = find(exchange, platform);
  const { state, questions } = survey;
  const root = url.searchParams.get('seqRoot');
  if (request.method === 'GET') {
    const isWhole = url.searchParams.get('seq') === 'false';
    sendQuestions(exchange, survey, isWhole ? questions : root === null ? begun(survey) : from(survey, root), true);
    return;
  }
  const revision = request.headers[REVISION];
  // A draft may be kept without a revision; what ends the survey must name the one it has seen.
  if (revision === undefined ? request.method !== 'PUT' : revision !== state.revision) {
    throw new Refusal(409, 'The survey has changed: read its state again');
  }
  if (state.status !== 'open') {
    throw new Refusal(410, 'The survey is closed');
  }
  const next = request.method === 'PUT' && root !== null ? from(survey, root) : undefined;
  const answers = request.method === 'DELETE' ? [] : readAnswers(exchange, survey);
  if (!answers) {
    throw new Refusal(400, 'The answers do not fit the questions');
  }
  const status = { POST: 'submitted', DELETE: 'dismissed' } as const;
  platform.agentSurveys.change(state, status[request.method as 'POST' | 'DELETE'] ?? 'open', answers);
  if (next) sendQuestions(exchange, survey, next, true);
  else sendState(exchange, 200, context(state), state);
}

/** The survey as it is set up: one sequence of it, or with `seq=false` the whole. */
export function wholeSurvey(exchange: Exchange, platform: Platform): void {
  const survey = find(exchange, platform);
  const { searchParams } = exchange.url;
  const isWhole = searchParams.get('seq') === 'false';
  sendQuestions(exchange, survey, isWhole ? survey.questions : from(survey, searchParams.get('seqRoot')), false);
}

/** @throws Refusal with 400, 401 or 404. */
function find(exchange: Exchange, platform: Platform): Survey {
  requireBrand(exchange, platform);
  const { searchParams } = exchange.url;
  const conversationId = searchParams.get('conv');
  const skillId = searchParams.get('skill');
  if (conversationId === null || skillId === null) throw new Refusal(400, 'conv and skill are needed');
  const questions = platform.skills.agentSurvey(skillId);
  if (!questions || !platform.conversations.has(conversationId)) throw new Refusal(404, 'There is no survey');
  return { skillId, questions, state: platform.agentSurveys.state(conversationId, skillId) };
}

function from({ questions }: Survey, root: string | null): readonly SurveyQuestion[] {
  const sequence = sequenceFrom(questions, root);
  if (!sequence) throw new Refusal(404, 'There is no such question');
  return sequence;
}

/** What has been shown so far: the first sequence, and all up to the end of the one with the last answer. */
function begun({ questions, state }: Survey): readonly SurveyQuestion[] {
  const answered = questions.findLastIndex(({ id }) => state.answers.some((answer) => answer['id'] === id));
  const last = sequenceFrom(questions, String(questions[Math.max(0, answered)]?.id ?? ''))?.at(-1);
  return questions.slice(0, last === undefined ? undefined : questions.indexOf(last) + 1);
}

/** Responds with 206 while other questions follow. */
function sendQuestions(
  exchange: Exchange,
  { skillId, questions, state }: Survey,
  chosen: readonly SurveyQuestion[],
  withState: boolean,
): void {
  const stateOf = ({ id }: SurveyQuestion) =>
    state.answers.find((answer) => answer['id'] === id) ?? { id, questionStatus: 'show' };
  const body = {
    id: Number(skillId),
    name: skillId,
    root: questions[0]?.id,
    questions: withState ? chosen.map((each) => ({ ...each, questionState: stateOf(each) })) : chosen,
    agentSurveyContext: context(state),
  };
  sendState(exchange, chosen.at(-1) === questions.at(-1) ? 200 : 206, body, state);
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
function sendState({ response }: Exchange, status: number, body: object, { revision }: SurveyState): void {
  const text = JSON.stringify(body).replace(`"stateRevision":"${revision}"`, `"stateRevision":${revision}`);
  send(response, status, text, { 'content-type': 'application/json', [REVISION]: revision });
}
