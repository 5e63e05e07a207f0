import { AuthError, InvalidCredentialsError, type LpError } from '@lp/core';
import type { Credentials } from './credentials.ts';
import { BLOCKED, type Refusal } from './rejections.ts';

/** What a refused login means, and what to check with these credentials. */
export function loginError(refusal: Refusal, host: string, credentials: Credentials): LpError {
  const { status, text, retryable } = refusal;
  const options = { retryable, context: { host, ...refusal.context } };
  const keyProblem = /token_rejected|signature_invalid/i.exec(text)?.[0].toLowerCase();
  if (keyProblem !== undefined) {
    const check = keyProblem === 'token_rejected' ? CHECK_TOKEN : CHECK_SIGNATURE;
    return new InvalidCredentialsError(
      isApiKey(credentials)
        ? `${API_KEY_ENDED}. Where keys are still taken: ${check}`
        : `the platform refused the login (${keyProblem}): check ${checklist(credentials)}`,
      { ...options, retryable: false },
    );
  }
  if (/invalid url received from app server/i.test(text)) {
    return new AuthError(
      `the login service ${host} could not finish the login on its side ("invalid url received from app server"): check that the account id is right and that the user is enabled and of a type that may log in, then try again later`,
      options,
    );
  }
  if (status === 401) {
    return new InvalidCredentialsError(
      isApiKey(credentials)
        ? `${API_KEY_ENDED}. Where keys are still taken: check ${checklist(credentials)}`
        : `the platform refused the login: check ${checklist(credentials)}`,
      options,
    );
  }
  return new AuthError(statusSentence(status, host), options);
}

const API_KEY_ENDED =
  'the platform refused the API key: LivePerson ended the login with API keys on 30 April 2026, use OAuth 2.0 client credentials { username, clientId, clientSecret } instead';
const CHECK_TOKEN =
  'check that accessToken belongs to appKey, that the key is enabled, and that it holds the user-login permission';
const CHECK_SIGNATURE = 'check secret and accessTokenSecret, and that no blank or line end was copied with them';

// Who writes the placeholders of an OAuth 2.0 login by hand has no API key.
function isApiKey(credentials: Credentials): boolean {
  return 'appKey' in credentials && credentials.accessToken !== 'dummy';
}

function checklist(credentials: Credentials): string {
  if ('assertion' in credentials) return 'that the SAML assertion is meant for this account and has not run out';
  if ('password' in credentials) return 'the account id, username and password';
  if (isApiKey(credentials))
    return 'the account id, username, appKey, secret, accessToken and accessTokenSecret, and that the user is a bot user';
  return 'the account id, username, clientId and clientSecret, that their application is installed on this account with the grant client_credentials, and that the user is an enabled bot user';
}

function statusSentence(status: number, host: string): string {
  if (status === 400)
    return `the login service ${host} found the login malformed (400): check the account id and the kind of credentials`;
  if (status === 403)
    return `the login service ${host} does not let this user log in (403): check the user's profile and permissions`;
  if (status === 404) return `there is no login service for this account at ${host} (404): check the account id`;
  if (status === 429) return `the login service ${host} asks to slow down (429)`;
  if (status === 451) return BLOCKED;
  if (status >= 500) return `the login service ${host} failed (${status})`;
  if (status >= 300 && status < 400)
    return `the login service ${host} responded with a redirect (${status}), which is never followed with credentials`;
  return `the login service ${host} refused the login (${status})`;
}
