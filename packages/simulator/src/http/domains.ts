import { type Exchange, send, sendError, sendJson } from './exchange.ts';

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

export function lookUpAll({ response, accountId }: Exchange, host: string): void {
  sendJson(response, 200, { baseURIs: baseUris(accountId, host) });
}

export function lookUpOne({ response, accountId, parts }: Exchange, host: string): void {
  const [service = ''] = parts;
  if (!SERVICES.includes(service)) return sendError(response, 400, 'Service does not exist');
  return sendJson(response, 200, { service, account: accountId, baseURI: host });
}

/** The form for script tags, which calls the function named by `cb`. */
export function lookUpScript({ response, url, accountId, parts }: Exchange, host: string): void {
  const [service] = parts;
  const callback = url.searchParams.get('cb') ?? '';
  if (!/^[\w$.]{1,128}$/.test(callback)) return sendError(response, 400, 'cb must be the name of a function');
  const known = baseUris(accountId, host).filter((entry) => service === undefined || entry.service === service);
  const lpData = known.map((entry) => ({ lpAccount: accountId, lpServer: host, lpService: entry.service }));
  const script = `${callback}(${JSON.stringify({ ResultSet: { lpData } })});`;
  return send(response, 200, script, { 'content-type': 'application/javascript' });
}
