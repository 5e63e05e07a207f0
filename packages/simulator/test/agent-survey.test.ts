import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import { bearerHeader, call, errorOf } from './support/rest.ts';

const REVISION = 'x-lp-state-rev';
/** Two sequences of two and one of one: a question with logic ends each. */
const QUESTIONS = [
  { id: 1, text: 'Solved?', category: 'radio' },
  { id: 2, text: 'Why not?', containsLogic: true, replies: [{ id: 21, text: 'Other', next: 3 }] },
  { id: 3, text: 'Say more', category: 'free_text' },
  { id: 4, text: 'And then?', containsLogic: true },
  { id: 5, text: 'Last' },
];

let simulator: Simulator;
let headers: Record<string, string>;
let conversationId: string;
beforeEach(async () => {
  simulator = await startSimulator({
    clock: createManualClock(),
    skills: [{ id: '7', agentSurvey: QUESTIONS }],
  });
  [conversationId = ''] = simulator.openConversations(1, { skillId: '7' });
  headers = await bearerHeader(simulator);
});
afterEach(() => simulator.close());

const url = (path: string, more: Record<string, string> = {}) => {
  const query = new URLSearchParams({ conv: conversationId, skill: '7', v: '2.0', ...more });
  return `${simulator.url}/api/account/${simulator.accountId}/forms/agent_survey${path}?${query.toString()}`;
};
async function read(path: string, query: Record<string, string> = {}) {
  const { status, body } = await call('GET', url(path, query), { headers });
  const { questions = [] } = body as { questions?: { id: number; questionState?: object }[] };
  return { status, questions, ids: questions.map(({ id }) => id), body };
}
const write = (method: string, body?: unknown, options: { revision?: string; query?: Record<string, string> } = {}) => {
  const { revision, query = {} } = options;
  const given = revision === undefined ? headers : { ...headers, [REVISION]: revision };
  return call(method, url('/state', query), { headers: given, body });
};
const answer = (id: number, freeTextReply = 'yes') => ({ id, questionStatus: 'answer', freeTextReply });

describe('an agent survey with logic', () => {
  // verifies: rest:survey
  it('comes one sequence at a time, each partial until the last', async () => {
    expect(await read('', { seq: 'true' })).toMatchObject({ status: 206, ids: [1, 2] });
    expect(await read('', { seq: 'true', seqRoot: '3' })).toMatchObject({ status: 206, ids: [3, 4] });
    expect(await read('', { seq: 'true', seqRoot: '4' })).toMatchObject({ status: 206, ids: [4] });
    expect(await read('', { seq: 'true', seqRoot: '5' })).toMatchObject({ status: 200, ids: [5] });
  });

  it('comes by sequence unless the whole is asked for', async () => {
    expect(await read('')).toMatchObject({ status: 206, ids: [1, 2] });
    expect(await read('', { seq: 'false' })).toMatchObject({ status: 200, ids: [1, 2, 3, 4, 5] });
  });

  it('says how it is set up and how it stands', async () => {
    const { body } = await read('', { seq: 'false' });
    expect(body).toMatchObject({
      root: 1,
      questions: QUESTIONS,
      agentSurveyContext: { agentSurveyStatus: 'open', lastActionTimeInMillis: 0, autoCloseTimestamp: 0 },
    });
  });

  it('begins its state with the first sequence', async () => {
    const { status, questions } = await read('/state');
    expect(status).toBe(206);
    expect(questions).toMatchObject([
      { id: 1, questionState: { id: 1, questionStatus: 'show' } },
      { id: 2, questionState: { id: 2, questionStatus: 'show' } },
    ]);
  });

  it('shows in its state what has been answered, up to the end of that sequence', async () => {
    await write('PUT', [answer(1), answer(2), answer(3)]);
    const { status, ids, questions } = await read('/state');
    expect({ status, ids }).toEqual({ status: 206, ids: [1, 2, 3, 4] });
    expect(questions.map(({ questionState }) => questionState)).toEqual([
      answer(1),
      answer(2),
      answer(3),
      { id: 4, questionStatus: 'show' },
    ]);
    await write('PUT', [answer(5)]);
    expect(await read('/state')).toMatchObject({ status: 200, ids: [1, 2, 3, 4, 5] });
  });

  it('gives the state of one sequence by its first question, or of all', async () => {
    await write('PUT', [answer(3)]);
    const third = await read('/state', { seqRoot: '3' });
    expect(third).toMatchObject({ status: 206, ids: [3, 4], questions: [{ questionState: answer(3) }, {}] });
    expect(await read('/state', { seq: 'false' })).toMatchObject({ status: 200, ids: [1, 2, 3, 4, 5] });
  });

  it('answers a draft with the next sequence when its first question is named', async () => {
    const { status, body, headers: answered } = await write('PUT', [answer(1), answer(2)], { query: { seqRoot: '3' } });
    expect(status).toBe(206);
    expect(body).toMatchObject({
      questions: [{ id: 3 }, { id: 4 }],
      agentSurveyContext: { agentSurveyStatus: 'open' },
    });
    const last = await write('PUT', [answer(1), answer(3)], {
      query: { seqRoot: '5' },
      revision: answered[REVISION] ?? '',
    });
    expect(last).toMatchObject({ status: 200, body: { questions: [{ id: 5 }] } });
  });

  it('keeps nothing of a draft that names a question which is not there', async () => {
    expect(await write('PUT', [answer(1)], { query: { seqRoot: '9' } })).toMatchObject(errorOf(404));
    const { questions } = await read('/state');
    expect(questions[0]?.questionState).toEqual({ id: 1, questionStatus: 'show' });
    expect(await read('', { seqRoot: 'x' })).toMatchObject({ status: 404 });
  });

  it('is one survey, wherever in it a client is: one revision for all sequences', async () => {
    const { headers: first } = await call('GET', url('/state', { seqRoot: '3' }), { headers });
    const { headers: second } = await call('GET', url('', { seqRoot: '5' }), { headers });
    expect(second[REVISION]).toBe(first[REVISION]);
    const done = await write('POST', [answer(1), answer(5)], { revision: first[REVISION] ?? '' });
    expect(done).toMatchObject({ status: 200, body: { agentSurveyStatus: 'submitted' } });
    expect(await write('PUT', [answer(3)])).toMatchObject(errorOf(410));
  });

  it('is another one for another conversation', async () => {
    await write('PUT', [answer(1)]);
    [conversationId = ''] = simulator.openConversations(1, { skillId: '7' });
    const { questions } = await read('/state');
    expect(questions[0]?.questionState).toEqual({ id: 1, questionStatus: 'show' });
  });

  // verifies: rest:survey
  it('tells on each change when it was, and a revision that differs', async () => {
    const revisions = new Set<string>();
    for (const text of ['a', 'b', 'c']) {
      const { headers: answered, body } = await write('PUT', [answer(1, text)]);
      revisions.add(answered[REVISION] ?? '');
      expect(body).toMatchObject({ lastActionTimeInMillis: expect.any(Number) });
    }
    expect(revisions.size).toBe(3);
    for (const revision of revisions) expect(revision).toMatch(/^[1-9]\d{18}$/);
  });
});
