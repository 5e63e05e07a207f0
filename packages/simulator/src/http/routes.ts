import type { FaultRules } from '../faults/rules.ts';
import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { profile, profiles, publicProfile, skill, skills, user, users } from './account-config.ts';
import { surveyState, wholeSurvey } from './agent-survey.ts';
import { partyAt } from './authorization.ts';
import { createConversation, sendRequest } from './connector.ts';
import { lookupAll, lookupOne, lookupScript } from './domains.ts';
import { type Exchange, sendJson, sendScript } from './exchange.ts';
import { downloadPath, storage, uploadPath } from './files.ts';
import type { Guard } from './guard.ts';
import {
  agentStatus,
  consumerContent,
  searchByConsumer,
  searchByConversation,
  searchConversations,
} from './history.ts';
import { authenticate, authorizeAnonymously, identify, signUp, signUpScript } from './identity.ts';
import { logIn, logOut, refresh } from './login.ts';
import { messagingRoutes } from './messaging/routes.ts';
import { messageStatistics, resolvedConversations, shiftStatus } from './reporting.ts';
import { type Route, route } from './route.ts';
import { appToken, publicKeys } from './sentinel.ts';

type Handle = (exchange: Exchange, platform: Platform) => void;

const ACCOUNT = '/api/account/:accountId';
const SURVEY = `${ACCOUNT}/forms/agent_survey`;
const HISTORY = `/messaging_history${ACCOUNT}`;
const CONFIG = `${ACCOUNT}/configuration/le-users`;
const CONNECTOR = `${ACCOUNT}/messaging/consumer/conversation`;
const COUNTERS = '/api/messaging/rest/reporting/brands/:accountId{/agents/:userId}/msgstatistics';
const OPERATIONS = `/operations${ACCOUNT}/msgconversation`;

const SERVICES: readonly [method: string, path: string, handle: Handle][] = [
  ['POST', `${ACCOUNT}/refresh`, refresh],
  ['POST', `${ACCOUNT}/logout`, logOut],
  ['POST', `${ACCOUNT}/signup`, signUp],
  ['POST', `${ACCOUNT}/anonymous/authorize`, authorizeAnonymously],
  ['POST', `${ACCOUNT}{/app/:connectorId}/authenticate`, authenticate],
  ['POST', `${ACCOUNT}/consumer`, identify],
  ['POST', '/sentinel/api{/v2}/account/:accountId/app/token', appToken],
  ['GET', `${SURVEY}/state`, surveyState],
  ['POST', `${SURVEY}/state`, surveyState],
  ['PUT', `${SURVEY}/state`, surveyState],
  ['DELETE', `${SURVEY}/state`, surveyState],
  ['GET', SURVEY, wholeSurvey],
  ['POST', `${HISTORY}/conversations/consumer/search`, searchByConsumer],
  ['POST', `${HISTORY}/conversations/conversation/search`, searchByConversation],
  ['POST', `${HISTORY}/conversations/search`, searchConversations],
  ['POST', `${HISTORY}/agent-view/status`, agentStatus],
  ['GET', `${HISTORY}/conversations/conversation/content/search`, consumerContent],
  ['PUT', '/v1/AUTH_async-images/:accountId/:file', storage],
  ['GET', '/v1/AUTH_async-images/:accountId/:file', storage],
  ['POST', '/v1/brands/:accountId/file-upload-path', uploadPath],
  ['POST', '/v1/brands/:accountId/file-download-path', downloadPath],
  ['GET', `${ACCOUNT}/shift-status`, shiftStatus],
  ['GET', COUNTERS, messageStatistics],
  ['GET', OPERATIONS, resolvedConversations],
  ['POST', OPERATIONS, resolvedConversations],
  ['GET', `${CONFIG}/users`, users],
  ['GET', `${CONFIG}/skills`, skills],
  ['GET', `${CONFIG}/skills/:id`, skill],
  ['GET', `${CONFIG}/profiles`, profiles],
  ['GET', `${CONFIG}/profiles/:id`, profile],
];

/** Every REST service of the platform. `host` gives the one it is served at. */
export function routes(platform: Platform, rules: FaultRules, guard: Guard, host: () => string): Route[] {
  const unless =
    (effect: 'failCsds' | 'failLogin', handle: (exchange: Exchange) => void) =>
    (exchange: Exchange): void => {
      const failing = rules.strike(effect);
      if (!failing) return handle(exchange);
      if (failing.text !== undefined) exchange.response.setHeader('retry-after', failing.text);
      throw new Refusal(failing.value, 'Simulated failure');
    };
  const script =
    (handle: (exchange: Exchange) => void) =>
    (exchange: Exchange): void => {
      if (!guard.takesScripts(exchange.request)) {
        throw new Refusal(403, 'This browser does not say which site asks: it gets no scripts');
      }
      handle(exchange);
    };
  const lookups = ['api', 'csdr'].flatMap((base) => {
    const service = `/${base}/account/:accountId/service`;
    return [
      route(
        'GET',
        `${service}/baseURI{.json}`,
        unless('failCsds', (exchange) => lookupAll(exchange, host())),
      ),
      route(
        'GET',
        `${service}/:service/baseURI{.json}`,
        unless('failCsds', (exchange) => lookupOne(exchange, host())),
      ),
      route(
        'GET',
        `${service}{/:service}/baseURI.lpCsds`,
        unless(
          'failCsds',
          script((each) => lookupScript(each, host())),
        ),
      ),
    ];
  });
  const services = [
    ...lookups,
    route(
      'POST',
      `${ACCOUNT}/login`,
      unless('failLogin', (exchange) => logIn(exchange, platform, host())),
    ),
    route(
      'GET',
      `${ACCOUNT}/signup.jsonp`,
      script((exchange) => signUpScript(exchange, platform)),
    ),
    route('GET', `${CONFIG}/users/:id`, (exchange) => {
      const shown = publicProfile(exchange, platform);
      if (!shown) user(exchange, platform);
      else if (exchange.url.searchParams.has('cb'))
        script(({ response, url }) => sendScript(response, url, shown))(exchange);
      else sendJson(exchange.response, 200, shown);
    }),
    ...SERVICES.map(([method, path, handle]) => route(method, path, (exchange) => handle(exchange, platform))),
    route('GET', '/sentinel/well-known/jwks', (exchange) => publicKeys(exchange, platform), true),
    ...messagingRoutes(platform),
  ];
  return [
    ...services.map((service) => limited(service, platform)),
    // Its own refusals have a form of their own, that of too many requests among them.
    route('POST', CONNECTOR, (exchange) => createConversation(exchange, platform)),
    route('POST', `${CONNECTOR}/send`, (exchange) => sendRequest(exchange, platform)),
  ];
}

/** A service that refuses whom it has heard too often in this second. */
function limited(service: Route, platform: Platform): Route {
  if (platform.quirks.rateLimit === 0) return service;
  return {
    ...service,
    handle: (exchange) => {
      const party = partyAt(exchange, platform);
      if (party !== undefined) platform.rates.take(party, `${service.method} ${service.path.source}`);
      service.handle(exchange);
    },
  };
}
