import { createHttpClient, type HttpClient, type HttpRequest } from '@lp/auth';
import { toSdkError } from './errors.ts';
import { createHttpsDispatcher } from './https-dispatcher.ts';

/** What an {@link AgentSurveyClient} is made from; the `conf` of an agent with `rflDomain` and `token` on it will do. */
export interface AgentSurveyOptions {
  /** The host of the service `runtimeFormLogic`. */
  rflDomain: string;
  accountId: string | number;
  token: string;
  /** Certificate authorities to trust instead of the well-known ones, as PEM. */
  ca?: string | Buffer | (string | Buffer)[] | undefined;
}

/** A response of the survey service, one of 400 and above too. */
export interface SurveyResponse {
  status: number;
  /** The body, read as JSON where it is JSON; integers of more than 15 digits, as revisions are, are text. */
  data: unknown;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * The survey that agents fill in about a conversation. Every call resolves with the response, whatever its status; it
 * rejects with an SDKError when there is none.
 */
export class AgentSurveyClient {
  agentSurveyDomain: string;
  accountId: string | number;
  readonly #http: HttpClient;
  readonly #token: string;

  constructor({ rflDomain, accountId, token, ca }: AgentSurveyOptions) {
    this.agentSurveyDomain = rflDomain;
    this.accountId = accountId;
    this.#token = token;
    this.#http = createHttpClient({ dispatcher: createHttpsDispatcher(ca).dispatcher, logger: false });
  }

  /** The questions to show now, and how the survey stands. */
  getAgentSurveyState(conversationId: string, skillId: string): Promise<SurveyResponse> {
    return this.#send('GET', '/state', { conv: conversationId, skill: skillId });
  }

  /** Submits answers as of a revision. */
  submitAgentSurvey(
    conversationId: string,
    skillId: string,
    stateRevision: string | number,
    submitBody: unknown,
  ): Promise<SurveyResponse> {
    return this.#send('POST', '/state', { conv: conversationId, skill: skillId }, stateRevision, submitBody);
  }

  /** Dismisses the survey as of a revision. */
  dismissAgentSurvey(conversationId: string, skillId: string, stateRevision: string | number): Promise<SurveyResponse> {
    return this.#send('DELETE', '/state', { conv: conversationId, skill: skillId }, stateRevision);
  }

  /** The whole survey, with the questions that answers lead to. */
  getAgentSurvey(
    conversationId: string,
    skillId: string,
    seqRoot?: string | number,
    isSequence?: boolean | string,
  ): Promise<SurveyResponse> {
    const query = { conv: conversationId, skill: skillId, seq: isSequence || true, seqRoot: seqRoot || undefined };
    return this.#send('GET', '', query);
  }

  async #send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    query: NonNullable<HttpRequest['query']>,
    revision?: string | number,
    body?: unknown,
  ): Promise<SurveyResponse> {
    const { agentSurveyDomain, accountId } = this;
    try {
      const response = await this.#http.request({
        method,
        origin: `https://${agentSurveyDomain}`,
        path: `/api/account/${encodeURIComponent(accountId)}/forms/agent_survey${path}`,
        query: { ...query, v: '2.0' },
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(revision !== undefined && { 'x-lp-state-rev': String(revision) }),
        },
        ...(body !== undefined && { body }),
      });
      const { status, headers } = response;
      return { status, data: withContext(await dataOf(response.text())), headers };
    } catch (error) {
      throw toSdkError(error, 'socket');
    }
  }
}

async function dataOf(text: string): Promise<unknown> {
  // Loaded when it is needed: few programs have a survey, and the schemas are half of what a bot would load.
  const { parseJson } = await import('@lp/schemas');
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** Programs read `agentSurveyContext` of every response; that of a change is the context itself. */
function withContext(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  if ('agentSurveyContext' in data || !('stateRevision' in data)) return data;
  return { ...data, agentSurveyContext: { ...data } };
}
