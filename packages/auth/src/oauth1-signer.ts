import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '@lp/core';
import OAuth from 'oauth-1.0a';
import type { OAuth1Keys } from './oauth1.ts';

/** Decoded names and values, in any order; a name may repeat. */
export type Parameters = readonly (readonly [string, string])[];

/**
 * The library's signer with the places corrected where it departs from RFC 5849: it reads `+` as itself, cuts values at a
 * second `=`, loses one of two parameters when query and body share a name, and draws its nonce from Math.random.
 */
export class OAuth1Signer extends OAuth {
  readonly #clock: Clock;

  constructor(keys: Pick<OAuth1Keys, 'appKey' | 'secret'>, clock: Clock) {
    super({
      consumer: { key: keys.appKey, secret: keys.secret },
      signature_method: 'HMAC-SHA1',
      hash_function: (text, key) => createHmac('sha1', key).update(text).digest('base64'),
    });
    this.#clock = clock;
  }

  /** Takes all parameters of query and body from `request.data`, as {@link Parameters}. */
  override getParameterString(request: OAuth.RequestOptions, protocol: OAuth.Data): string {
    const all = [
      ...(request.data as Parameters),
      ...Object.entries(protocol).map(([name, value]) => [name, String(value)] as const),
    ];
    return all
      .map(([name, value]) => [this.percentEncode(name), this.percentEncode(value)] as const)
      .toSorted(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
      .map((pair) => pair.join('='))
      .join('&');
  }

  override getNonce(): string {
    return randomBytes(16).toString('hex');
  }

  override getTimeStamp(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

// Percent-encoded text is ASCII, so this is the order of bytes that the standard asks for.
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
