// Public API: every name added here is a promise.
import { Agent } from './agent.ts';
import { AgentSurveyClient } from './survey-client.ts';

export type { ConversationField } from '@lp/agent';
export type { DomainLookupOptions, DomainResolver } from '@lp/auth';
export type { ReconnectPolicy, ResponseFrame } from '@lp/transport';
export type { AgentConfig, AgentConfigBase } from './config.ts';
export type { CsdsClient, Domains, DomainsCallback } from './csds-client.ts';
export { ResponseError, SDKError, type Service, TransformError } from './errors.ts';
export type { AgentEvents, Callback, Location, SentFrame } from './events.ts';
export type { AgentEmitter, AnyListener, LegacyRequest, OwnField, RequestFunctions } from './legacy-agent.ts';
export type * from './legacy-types.ts';
export type { AgentSurveyOptions, SurveyResponse } from './survey-client.ts';
export type { TransportFacade } from './transport-facade.ts';
export { Agent, AgentSurveyClient };

// `import sdk from 'node-agent-sdk'` gives what `require` does.
export default { Agent, AgentSurveyClient };
