// Public API: every name added here is a promise.
export {
  type Clock,
  type ClockTimer,
  type Logger,
  type LoggerOption,
  type LogMethod,
  LpError,
  type LpErrorCode,
  type LpErrorOptions,
  type SafeContext,
  type SafeValue,
} from '@lp/core';
export { parseProxy, publicHosts, socketAgent } from '#platform';
export type { AppToken } from './app-token.ts';
export { type AppTokens, type AppTokensOptions, createAppTokens } from './app-tokens.ts';
export {
  type AuthorizableRequest,
  type Authorization,
  type Authorizer,
  bearerAuthorizer,
  oauth1Authorizer,
} from './authorizer.ts';
export {
  type ApiKeyCredentials,
  type BearerCredentials,
  type ClientCredentials,
  type Credentials,
  CredentialsSchema,
  type ProviderContext,
  type SessionCredentials,
} from './credentials.ts';
export { credentialsFromEnv } from './credentials-env.ts';
export type { DomainLookupOptions, DomainResolver, DomainResolverOptions } from './domain-types.ts';
export { createDomainResolver } from './domains.ts';
export type { Authorities } from './exchanger-types.ts';
export { type CsdsAddress, parseCsdsDomain } from './hosts.ts';
export { createHttpClient, type HttpClient, type HttpClientOptions } from './http.ts';
export type { RawBody } from './http-body.ts';
export type { HttpRequest } from './http-request.ts';
export type { HttpResponse } from './http-response.ts';
export { login, logout, refreshSession } from './login.ts';
export type { AuthCallOptions, LoginOptions, SessionCallOptions } from './login-options.ts';
export { type OAuth1Keys, type OAuth1Request, signOAuth1 } from './oauth1.ts';
export type { ProxyRoute } from './proxy.ts';
export type { PublicHosts } from './public-hosts.ts';
export { createRestClient, type RestClient, type RestClientOptions, type RestRequest } from './rest.ts';
export { BaseUriSchema, BaseUrisSchema, LoginResponseSchema } from './schemas.ts';
export type { Session } from './session.ts';
export { createSessionManager } from './session-manager.ts';
export type { BeforeLoginContext, SessionManagerOptions } from './session-manager-options.ts';
export type { RenewOptions, SessionEvent, SessionManager, SessionStatus } from './session-manager-types.ts';
