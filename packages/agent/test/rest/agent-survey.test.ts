import { describe, expect, it } from '@jest/globals';
import { ConfigError, ProtocolError, RequestRejectedError } from '@lp/core';
import { AgentSurveyClient, isStaleRevision } from '../../src/rest/index.ts';
import { ACCOUNT, type ReceivedRequest, type ServiceResponse, startRestService } from './rest-service.ts';

const REVISION = '2322824826421065367';
const target = { conversationId: 'conv 1', skillId: '7' };
const path = `/api/account/${ACCOUNT}/forms/agent_survey`;
const answers = [
  { id: 1, questionStatus: 'show' as const },
  { id: 2, questionStatus: 'answer' as const, replyIds: [11] },
  { id: 3, questionStatus: 'answer' as const, freeTextReply: 'well' },
  { id: 4, questionStatus: 'answer' as const, engAttribute: { type: 'service', service: { topic: 'loan' } } },
];
const context = `{"agentSurveyStatus":"submitted","lastActionTimeInMillis":5,"autoCloseTimestamp":0,"stateRevision":${REVISION}}`;

async function withSurvey<T>(
  answer: ServiceResponse | ((request: ReceivedRequest) => ServiceResponse),
  use: (survey: AgentSurveyClient, requests: ReceivedRequest[]) => Promise<T>,
): Promise<T> {
  const service = await startRestService(typeof answer === 'function' ? answer : () => answer);
  try {
    return await use(new AgentSurveyClient(service.rest, ACCOUNT), service.requests);
  } finally {
    await service[Symbol.asyncDispose]();
  }
}

describe('the state of a survey', () => {
  it('is read with its revision exact, from the header', async () => {
    const body = `{"questions":[{"id":16566656,"questionState":{"status":"show"},"new":1}],"agentSurveyContext":{"agentSurveyStatus":"open","stateRevision":1}}`;
    await withSurvey({ body, headers: { 'x-lp-state-rev': REVISION } }, async (survey, requests) => {
      expect(await survey.state({ ...target, sequence: 3 })).toEqual({
        questions: [{ id: 16566656, questionState: { status: 'show' }, new: 1 }],
        agentSurveyContext: { agentSurveyStatus: 'open', stateRevision: '1' },
        revision: REVISION,
      });
      expect(requests).toMatchObject([
        { method: 'GET', path: `${path}/state`, query: { conv: 'conv 1', skill: '7', v: '2.0', seq: '3' } },
      ]);
      expect(requests[0]?.headers.authorization).toBe('Bearer bearer-1');
    });
  });

  it('is read with its revision exact, from the body', async () => {
    await withSurvey({ status: 206, body: `{"agentSurveyContext":${context}}` }, async (survey) => {
      expect(await survey.state({ ...target, sequenceRoot: 'r' })).toMatchObject({ revision: REVISION });
    });
  });

  it('is read whole where the whole survey is asked for', async () => {
    await withSurvey({ body: { questions: [] } }, async (survey, requests) => {
      expect(await survey.full({ ...target, sequenceRoot: 2 })).toEqual({ questions: [], revision: undefined });
      expect(requests).toMatchObject([{ method: 'GET', path, query: { seq: 'true', seqRoot: '2', v: '2.0' } }]);
    });
  });

  it('is refused when it is none', async () => {
    await withSurvey({ body: { questions: { id: { secret: 1 } } } }, async (survey) => {
      const error = await survey.state(target).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ProtocolError);
      expect((error as Error).message).toMatch(/questions\.0\.id must be/);
    });
  });
});

describe('a survey is changed', () => {
  it.each([
    ['submit', 'POST', answers],
    ['saveDraft', 'PUT', answers],
    ['dismiss', 'DELETE', undefined],
  ] as const)('%s names the revision it has seen', async (call, method, body) => {
    await withSurvey({ body: context }, async (survey, requests) => {
      const options = { revision: REVISION };
      const result = await (call === 'dismiss'
        ? survey.dismiss(target, options)
        : survey[call](target, answers, options));
      expect(result).toEqual({
        agentSurveyStatus: 'submitted',
        lastActionTimeInMillis: 5,
        autoCloseTimestamp: 0,
        stateRevision: REVISION,
        revision: REVISION,
      });
      expect(requests).toMatchObject([{ method, path: `${path}/state`, headers: { 'x-lp-state-rev': REVISION } }]);
      expect(requests[0]?.body).toEqual(body);
    });
  });

  it('as a draft without a revision too, and with an empty answer', async () => {
    await withSurvey({ body: '' }, async (survey, requests) => {
      expect(await survey.saveDraft(target, answers)).toEqual({ revision: undefined });
      expect(requests[0]?.headers).not.toHaveProperty('x-lp-state-rev');
    });
  });

  it('as of what was read, whatever the platform has put into it; of other objects each name counts', async () => {
    const body = '{"questions":[],"agentSurveyContext":{"agentSurveyStatus":"open","ofTomorrow":1},"anotherOne":2}';
    await withSurvey({ body, headers: { 'x-lp-state-rev': REVISION } }, async (survey, requests) => {
      const state = await survey.state(target);
      await survey.dismiss(target, state);
      expect(requests.at(-1)?.headers).toMatchObject({ 'x-lp-state-rev': REVISION });
      const misspelt = { revision: REVISION, timeoutMS: 5 };
      await expect(survey.submit(target, answers, misspelt)).rejects.toThrow(
        'submit.timeoutMS is not an option; did you mean timeoutMs?',
      );
      await expect(survey.saveDraft(target, answers, { ...state })).rejects.toThrow(ConfigError);
      expect(requests).toHaveLength(2);
    });
  });

  it('not at all when an answer is none', async () => {
    await withSurvey({}, async (survey, requests) => {
      const wrong = [{ id: 1, questionStatus: 'hidden' }] as never;
      await expect(survey.submit(target, wrong, { revision: REVISION })).rejects.toThrow(ConfigError);
      await expect(survey.submit(target, wrong, { revision: REVISION })).rejects.toThrow(
        'the answers cannot be sent: 0.questionStatus must be "show" | "answer"',
      );
      expect(requests).toEqual([]);
    });
  });

  // verifies: refusal:409
  it('not when the revision is old, and that is told apart', async () => {
    await withSurvey({ status: 409, body: { message: 'stale' } }, async (survey) => {
      const error = await survey.dismiss(target, { revision: '1' }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(RequestRejectedError);
      expect(isStaleRevision(error)).toBe(true);
    });
  });

  it.each([400, 404, 410, 500])('not when the platform says %i, which is no old revision', async (status) => {
    await withSurvey({ status, body: { message: 'no' } }, async (survey) => {
      const error = await survey.submit(target, answers, { revision: '1' }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'REQUEST_REJECTED', status, body: { message: 'no' } });
      expect(isStaleRevision(error)).toBe(false);
    });
  });

  it('with a new bearer once the old one is refused', async () => {
    const answer = ({ headers }: ReceivedRequest): ServiceResponse =>
      headers.authorization === 'Bearer bearer-1' ? { status: 401 } : { body: context };
    await withSurvey(answer, async (survey, requests) => {
      await survey.submit(target, answers, { revision: REVISION });
      expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer bearer-1', 'Bearer bearer-2']);
    });
  });

  it('not once the call was aborted', async () => {
    await withSurvey({ body: context }, async (survey) => {
      const reason = new Error('enough');
      const call = survey.dismiss(target, { revision: '1', signal: AbortSignal.abort(reason) });
      await expect(call).rejects.toBe(reason);
    });
  });
});

// verifies: refusal:409
it('nothing but a refusal by the survey service is an old revision', () => {
  expect(isStaleRevision(new RequestRejectedError({ status: 409, type: 'PUT msgHist' }))).toBe(false);
  expect(isStaleRevision(new Error('409'))).toBe(false);
  expect(isStaleRevision(undefined)).toBe(false);
});

describe('a survey is not asked for', () => {
  it.each<[string, (survey: AgentSurveyClient) => Promise<unknown>]>([
    ['state of nothing', (survey) => survey.state(undefined as never)],
    ['state of a misspelt conversation', (survey) => survey.state({ conversationID: 'c', skillId: '7' } as never)],
    ['full of a skill that is no text', (survey) => survey.full({ conversationId: 'c', skillId: { a: 1 } } as never)],
    [
      'dismiss of a misspelt skill',
      (survey) => survey.dismiss({ conversationId: 'c', skil: '7' } as never, { revision: '1' }),
    ],
    ['submit without a revision', (survey) => survey.submit(target, answers, {} as never)],
    ['submit without options', (survey) => survey.submit(target, answers, undefined as never)],
    ['dismiss with a revision that is no text', (survey) => survey.dismiss(target, { revision: 5 } as never)],
    [
      'saveDraft with a revision that is no text',
      (survey) => survey.saveDraft(target, answers, { revision: 5 } as never),
    ],
  ])('%s: a ConfigError says why', async (_what, call) => {
    await withSurvey({ body: {} }, async (survey, requests) => {
      await expect(call(survey)).rejects.toBeInstanceOf(ConfigError);
      expect(requests).toEqual([]);
    });
  });
});
