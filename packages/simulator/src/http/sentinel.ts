import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { type Exchange, sendJson } from './exchange.ts';

/** A token for a server application. The credentials come in the query or as a form. */
export function appToken({ response, url, body }: Exchange, platform: Platform): void {
  const form = new URLSearchParams(body.toString());
  const given = (name: string): string | null => url.searchParams.get(name) ?? form.get(name);
  if (given('grant_type') !== 'client_credentials') {
    throw new Refusal(400, 'grant_type must be client_credentials');
  }
  const app = platform.apps.find(given('client_id'), given('client_secret'));
  if (!app) throw new Refusal(401, 'The client is unknown or its secret is wrong');
  return sendJson(response, 200, { access_token: platform.apps.issueToken(app), token_type: 'Bearer' });
}

/** The keys that such tokens can be checked with. */
export function publicKeys({ response }: Exchange, platform: Platform): void {
  sendJson(response, 200, platform.apps.publicKeys());
}
