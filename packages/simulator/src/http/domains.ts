import { Refusal } from '../platform/model.ts';
import { type Exchange, sendJson, sendScript } from './exchange.ts';

/** Every service that clients look up. All of them live on the simulator's one host. */
export const SERVICES = [
  'agentVep',
  'facadeMsg',
  'asyncMessagingEnt',
  'asyncMessaging',
  'idp',
  'sentinel',
  'swift',
  'msgHist',
  'leDataReporting',
  'accountConfigReadOnly',
  'accountConfigReadWrite',
  'acCdnDomain',
  'runtimeFormLogic',
  'messagingRestApiDomain',
  'liveEngageUI',
  'smt',
];

export const baseUris = (account: string, host: string) =>
  SERVICES.map((service) => ({ service, account, baseURI: host }));

export function lookupAll({ response, accountId }: Exchange, host: string): void {
  sendJson(response, 200, { baseURIs: baseUris(accountId, host) });
}

export function lookupOne({ response, accountId, params }: Exchange, host: string): void {
  const { service = '' } = params;
  if (!SERVICES.includes(service)) throw new Refusal(400, 'Service does not exist');
  return sendJson(response, 200, { service, account: accountId, baseURI: host });
}

/** The form for script tags, which calls the function named by `cb`. */
export function lookupScript({ response, url, accountId, params }: Exchange, host: string): void {
  const { service } = params;
  const known = baseUris(accountId, host).filter((entry) => service === undefined || entry.service === service);
  const lpData = known.map((entry) => ({ lpAccount: accountId, lpServer: host, lpService: entry.service }));
  return sendScript(response, url, { ResultSet: { lpData } });
}
