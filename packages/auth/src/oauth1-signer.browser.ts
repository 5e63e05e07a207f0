import { ConfigError } from '@lp/core';

/** Signing needs an API key's secrets, which no page can keep. */
export class OAuth1Signer {
  /** @throws ConfigError always. */
  constructor() {
    throw new ConfigError('calls cannot be signed in a page: everybody who opens it could read the key; use a token');
  }
}
