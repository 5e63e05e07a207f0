import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { type OAuth1Request, signOAuth1 } from '@lp/auth';
import { ConfigError, createManualClock } from '@lp/core';
import { signedParts } from '../src/oauth1.ts';
import { OAuth1Signer } from '../src/oauth1-signer.ts';
import { thrown } from './support/errors.ts';

const KEYS = { appKey: 'app key', secret: 'se&cret', accessToken: 'token+1', accessTokenSecret: 'token=secret' };
const FORM = 'application/x-www-form-urlencoded';

/** The standard's own protocol parameters; the library's type also wants a version, which its examples do not send. */
type Protocol = Parameters<OAuth1Signer['getSignature']>[2];
const protocol = (values: Record<string, string>) => values as unknown as Protocol;

function baseString(request: OAuth1Request, values: Record<string, string> = {}): string {
  const signer = new OAuth1Signer({ appKey: '', secret: '' }, createManualClock());
  return signer.getBaseString(signedParts(request), protocol(values));
}

function parse(header: string): Record<string, string> {
  const pairs = header.replace(/^OAuth /, '').split(', ');
  return Object.fromEntries(
    pairs.map((pair) => /^(\w+)="(.*)"$/.exec(pair)?.slice(1, 3).map(decodeURIComponent) ?? []),
  );
}

describe('the worked examples of RFC 5849', () => {
  it('1.2, temporary credentials: the signature of a POST without a body', () => {
    const signer = new OAuth1Signer({ appKey: 'dpf43f3p2l4k3l03', secret: 'kd94hf93k423kf44' }, createManualClock());
    const request = signedParts({ method: 'POST', url: 'https://photos.example.net/initiate' });
    const values = protocol({
      oauth_consumer_key: 'dpf43f3p2l4k3l03',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: '137131200',
      oauth_nonce: 'wIjqoS',
      oauth_callback: 'http://printer.example.com/ready',
    });
    expect(signer.getSignature(request, '', values)).toBe('74KNZJeDHnMBp0EMJ9ZHt/XKycU=');
  });

  it('1.2, the photo: the signature of a GET with a query', () => {
    const signer = new OAuth1Signer({ appKey: 'dpf43f3p2l4k3l03', secret: 'kd94hf93k423kf44' }, createManualClock());
    const request = signedParts({
      method: 'GET',
      url: 'http://photos.example.net/photos?file=vacation.jpg&size=original',
    });
    const values = protocol({
      oauth_consumer_key: 'dpf43f3p2l4k3l03',
      oauth_token: 'nnch734d00sl2jdk',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: '137131202',
      oauth_nonce: 'chapoH',
    });
    expect(signer.getSignature(request, 'pfkkdhi9sl3r4s00', values)).toBe('MdpQcU8iPSUjWoN/UDMsK2sui9I=');
  });

  it('3.4.1.1: the signature base string, with repeated names, a plus and an encoded percent sign', () => {
    const request = {
      method: 'POST',
      url: 'http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b',
      body: 'c2&a3=2+q',
      contentType: FORM,
    };
    const values = {
      oauth_consumer_key: '9djdj82h48djs9d2',
      oauth_token: 'kkk9d7dh3k39sjv7',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: '137131201',
      oauth_nonce: '7d8f3e4a',
    };
    expect(baseString(request, values)).toBe(
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
    );
  });

  it.each([
    ['http://EXAMPLE.COM:80/r%20v/X?id=123', 'http://example.com/r%20v/X'],
    ['https://www.example.net:8080/?q=1', 'https://www.example.net:8080/'],
    ['HTTPS://www.example.net:443/a#part', 'https://www.example.net/a'],
  ])('3.4.1.2: the base of %s is %s', (url, base) => {
    expect(baseString({ method: 'GET', url }).split('&')[1]).toBe(encodeURIComponent(base));
  });
});

describe('percent-encoding', () => {
  it.each([
    ['abcABC123', 'abcABC123'],
    ['-._~', '-._~'],
    ['%', '%25'],
    ['+', '%2B'],
    ['&=*', '%26%3D%2A'],
    ["!'()", '%21%27%28%29'],
    ['\n', '%0A'],
    [' ', '%20'],
    ['\u007f', '%7F'],
    ['\u0080', '%C2%80'],
    ['\u3001', '%E3%80%81'],
    ['\u{1f600}', '%F0%9F%98%80'],
  ])('writes %j as %s, in names and in values', (raw, encoded) => {
    const query = `?${new URLSearchParams([[`n${raw}`, raw]]).toString()}`;
    expect(baseString({ method: 'GET', url: `https://a.example/${query}` }).split('&')[2]).toBe(
      encodeURIComponent(`n${encoded}=${encoded}`),
    );
  });

  it('keeps a value with an equals sign whole, and both of two parameters that query and form share', () => {
    const request = {
      method: 'POST',
      url: 'https://a.example/?x=b=c&z=1&__proto__=p',
      body: new URLSearchParams([
        ['x', 'a'],
        ['z', '1'],
      ]),
    };
    expect(decodeURIComponent(baseString(request).split('&')[2] ?? '')).toBe('__proto__=p&x=a&x=b%3Dc&z=1&z=1');
  });

  it('sorts by the encoded bytes, not by the characters', () => {
    const url = 'https://a.example/?a=1&A=2&a%E2%82%AC=3&aa=4&a1=5';
    expect(decodeURIComponent(baseString({ method: 'GET', url }).split('&')[2] ?? '')).toBe(
      'A=2&a=1&a%E2%82%AC=3&a1=5&aa=4',
    );
  });
});

describe('signOAuth1', () => {
  // verifies: login:api-key
  it('gives a header that anyone with the keys can check', () => {
    const clock = createManualClock(1_700_000_000_500);
    const { Authorization } = signOAuth1({ method: 'get', url: 'https://va.example/api?b=2&a=1' }, KEYS, { clock });
    const { oauth_signature: signature = '', ...values } = parse(Authorization);
    expect(values).toEqual({
      oauth_consumer_key: 'app key',
      oauth_token: 'token+1',
      oauth_nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: '1700000000',
      oauth_version: '1.0',
    });
    const parameters = Object.entries({ ...values, a: '1', b: '2' })
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .toSorted()
      .join('&');
    const text = ['GET', 'https://va.example/api', parameters].map(encodeURIComponent).join('&');
    const expected = createHmac('sha1', 'se%26cret&token%3Dsecret').update(text).digest('base64');
    expect(signature).toBe(expected);
  });

  it('has a new nonce each time', () => {
    const request = { method: 'GET', url: 'https://va.example/' };
    const nonces = Array.from({ length: 20 }, () => parse(signOAuth1(request, KEYS).Authorization)['oauth_nonce']);
    expect(new Set(nonces).size).toBe(20);
  });

  it('signs form bodies and no others', () => {
    const request = { method: 'POST', url: new URL('https://va.example/') };
    const bare = baseString(request);
    expect(baseString({ ...request, body: { a: 1 } })).toBe(bare);
    expect(baseString({ ...request, body: '{"a":1}', contentType: 'application/json' })).toBe(bare);
    expect(baseString({ ...request, body: 'a=1' })).toBe(bare);
    const signed = baseString({ ...request, body: new URLSearchParams({ a: '1' }) });
    expect(signed).not.toBe(bare);
    expect(baseString({ ...request, body: 'a=1', contentType: `${FORM}; charset=utf-8` })).toBe(signed);
  });

  it('does not change what it is given', () => {
    const body = new URLSearchParams({ a: '1' });
    const request = Object.freeze({ method: 'POST', url: 'https://va.example/?x=1', body });
    signOAuth1(request, Object.freeze({ ...KEYS }));
    expect([...body]).toEqual([['a', '1']]);
  });

  it.each<[string, Partial<OAuth1Request>, Partial<typeof KEYS>]>([
    ['a key is empty', {}, { secret: '' }],
    ['a key is missing', {}, { accessToken: undefined as unknown as string }],
    ['the URL is relative', { url: '/api?marker=1' }, {}],
    ['the URL is of another protocol', { url: 'ftp://va.example/marker' }, {}],
    ['the method is none', { method: 'GET marker' }, {}],
    ['the query is not UTF-8', { url: 'https://va.example/?marker=%FF' }, {}],
    ['the form is not properly encoded', { body: 'marker=%zz', contentType: FORM }, {}],
    ['a form is no text', { body: { marker: 1 }, contentType: FORM }, {}],
    ['the query holds parameters of OAuth', { url: 'https://va.example/?oauth_token=marker' }, {}],
  ])('refuses, without quoting anything, when %s', (_name, request, keys) => {
    const error = thrown(() =>
      signOAuth1({ method: 'POST', url: 'https://va.example/', ...request }, { ...KEYS, ...keys }),
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(inspect(error)).not.toMatch(/marker|se&cret|token=secret/);
  });
});
