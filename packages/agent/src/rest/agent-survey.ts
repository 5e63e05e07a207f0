import { ConfigError, RequestRejectedError } from '@lp/core';
import {
  type AgentSurveyAnswer,
  AgentSurveyAnswerSchema,
  type AgentSurveyContext,
  AgentSurveyContextSchema,
  type AgentSurveyState,
  AgentSurveyStateSchema,
} from '@lp/schemas';
import * as z from 'zod';
import {
  checkCallOptions,
  checkInput,
  type RestCallOptions,
  type RestPort,
  type RestRequest,
  type RestResponse,
  readResponse,
} from './exchange.ts';

const SERVICE = 'runtimeFormLogic';
const REVISION = 'x-lp-state-rev';

/** The survey of a conversation for a skill. */
export interface AgentSurveyTarget {
  /** The conversation that the survey is about. */
  readonly conversationId: string;
  /** The skill whose survey it is. */
  readonly skillId: string;
  /** The place in the conversation that the survey belongs to. */
  readonly sequence?: string | number | undefined;
  /** The place that the survey began at. */
  readonly sequenceRoot?: string | number | undefined;
}

/** The revision of a survey, exact: what a change of it has to name. Undefined only when the platform gave none. */
export interface SurveyRevision {
  /** As `state` or the last change gave it. */
  readonly revision: string | undefined;
}

const PlaceSchema = z.union([z.string(), z.number()]).optional();
const TargetSchema = z.strictObject({
  conversationId: z.string().min(1),
  skillId: z.string().min(1),
  sequence: PlaceSchema,
  sequenceRoot: PlaceSchema,
});
const AnswersSchema = z.array(AgentSurveyAnswerSchema);
const ResultSchema = AgentSurveyContextSchema.optional();

/** True for the refusal of a change that named an old revision: read the state again, then decide again. */
export function isStaleRevision(error: unknown): error is RequestRejectedError {
  return RequestRejectedError.isInstance(error) && error.status === 409 && error.type.endsWith(` ${SERVICE}`);
}

/**
 * The survey that agents fill in about a conversation. Every call rejects with a RequestRejectedError when the platform
 * refuses it: 404 when there is no such survey, 410 when it is over, 409 as {@link isStaleRevision} says.
 */
export class AgentSurveyClient {
  readonly #rest: RestPort;
  readonly #path: string;
  /** What this client has given: it may be handed back for the revision it names, whatever fields the platform has put into it. */
  readonly #given = new WeakSet<object>();

  /** @internal */
  constructor(rest: RestPort, accountId: string) {
    this.#rest = rest;
    this.#path = `/api/account/${encodeURIComponent(accountId)}/forms/agent_survey`;
  }

  /** The questions to show now, and how the survey stands. */
  async state(target: AgentSurveyTarget, options?: RestCallOptions): Promise<AgentSurveyState & SurveyRevision> {
    checkCallOptions('state', options);
    const { sequence: seq, sequenceRoot: seqRoot } = checkTarget(target);
    const response = await this.#send(
      target,
      { method: 'GET', path: `${this.#path}/state` },
      { seq, seqRoot },
      options,
    );
    return this.#keep(readState(response));
  }

  /** The whole survey, with the questions that answers lead to. */
  async full(target: AgentSurveyTarget, options?: RestCallOptions): Promise<AgentSurveyState & SurveyRevision> {
    checkCallOptions('full', options);
    const query = { seq: true, seqRoot: checkTarget(target).sequenceRoot };
    return this.#keep(readState(await this.#send(target, { method: 'GET', path: this.#path }, query, options)));
  }

  /** Submits the survey as of a revision; what `state` or a change gave may stand for it as it is. @throws ConfigError for other names. */
  submit(
    target: AgentSurveyTarget,
    answers: readonly AgentSurveyAnswer[],
    options: RestCallOptions & SurveyRevision,
  ): Promise<AgentSurveyContext & SurveyRevision> {
    return this.#change('submit', 'POST', target, answers, options);
  }

  /** Keeps answers without submitting them; with a `revision`, only when it is still the newest. */
  saveDraft(
    target: AgentSurveyTarget,
    answers: readonly AgentSurveyAnswer[],
    options?: RestCallOptions & { readonly revision?: string | undefined },
  ): Promise<AgentSurveyContext & SurveyRevision> {
    return this.#change('saveDraft', 'PUT', target, answers, options);
  }

  /** Dismisses the survey as of a revision. */
  dismiss(
    target: AgentSurveyTarget,
    options: RestCallOptions & SurveyRevision,
  ): Promise<AgentSurveyContext & SurveyRevision> {
    return this.#change('dismiss', 'DELETE', target, undefined, options);
  }

  async #change(
    name: string,
    method: 'POST' | 'PUT' | 'DELETE',
    target: AgentSurveyTarget,
    answers: readonly AgentSurveyAnswer[] | undefined,
    options: RestCallOptions & { readonly revision?: string | undefined } = {},
  ): Promise<AgentSurveyContext & SurveyRevision> {
    const { sequence: seq, sequenceRoot: seqRoot } = checkTarget(target);
    if (!this.#given.has(options)) checkCallOptions(name, options, ['revision']);
    const { revision, signal, timeoutMs } = options;
    // Only a draft may be written over whatever is there.
    if (name !== 'saveDraft' && !('revision' in options)) {
      throw new ConfigError(`${name}: name the revision that state() or the last change gave`);
    }
    if (revision !== undefined && typeof revision !== 'string') {
      throw new ConfigError(`${name}: revision must be the text that state() or the last change gave`);
    }
    const request = {
      method,
      path: `${this.#path}/state`,
      ...(answers !== undefined && { body: checkInput(AnswersSchema, answers, 'the answers') }),
      ...(revision !== undefined && { headers: { [REVISION]: revision } }),
    };
    const response = await this.#send(target, request, { seq, seqRoot }, { signal, timeoutMs });
    const context = readResponse(ResultSchema, response, 'the result of the agent survey') ?? {};
    return this.#keep({ ...context, revision: revisionOf(response, context) });
  }

  #keep<T extends object>(given: T): T {
    this.#given.add(given);
    return given;
  }

  #send(
    { conversationId: conv, skillId: skill }: AgentSurveyTarget,
    request: Pick<RestRequest, 'method' | 'path' | 'body' | 'headers'>,
    query: NonNullable<RestRequest['query']>,
    options: RestCallOptions = {},
  ): Promise<RestResponse> {
    return this.#rest.request({
      ...options,
      ...request,
      // Part of a survey comes back for an answer; as the outcome of a change it would be none.
      success: request.method === 'GET' ? [200, 206] : [200, 201],
      service: SERVICE,
      query: { conv, skill, v: '2.0', ...query },
    });
  }
}

function checkTarget(target: AgentSurveyTarget): z.output<typeof TargetSchema> {
  return checkInput(TargetSchema, target, "the survey's target");
}

function readState(response: RestResponse): AgentSurveyState & SurveyRevision {
  const state = readResponse(AgentSurveyStateSchema, response, 'the agent survey');
  return { ...state, revision: revisionOf(response, state.agentSurveyContext) };
}

function revisionOf({ headers }: RestResponse, context: AgentSurveyContext | undefined): string | undefined {
  const header = headers[REVISION];
  return (typeof header === 'string' ? header : header?.[0]) ?? context?.stateRevision;
}
