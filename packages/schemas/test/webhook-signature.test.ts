import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isSignedWebhook } from '../src/index.ts';

const secret = 's3cret of the application';
const body = '{"kind":"notification","body":{"text":"é 🙂"}}';
const sign = (hash: string, encoding: 'base64' | 'hex', given: string | Uint8Array = body, by = secret) =>
  `${hash}=${createHmac(hash, by).update(given).digest(encoding)}`;

describe('a webhook', () => {
  it.each([
    ['sha1', 'base64'],
    ['sha1', 'hex'],
    ['sha256', 'base64'],
    ['sha256', 'hex'],
  ] as const)('signed with %s in %s is the platform’s', async (hash, encoding) => {
    expect(await isSignedWebhook({ body, signature: sign(hash, encoding), secret })).toBe(true);
    expect(await isSignedWebhook({ body: Buffer.from(body), signature: sign(hash, encoding), secret })).toBe(true);
  });

  it('is so in upper-case hexadecimal too', async () => {
    const signature = sign('sha1', 'hex').replace(/=.*/, (digits) => digits.toUpperCase());
    expect(await isSignedWebhook({ body, signature, secret })).toBe(true);
  });

  it('is read as bytes, whatever they say', async () => {
    const bytes = Uint8Array.of(0xff, 0x00, 0x80);
    expect(await isSignedWebhook({ body: bytes, signature: sign('sha256', 'base64', bytes), secret })).toBe(true);
  });

  it.each([
    ['another secret', sign('sha1', 'base64', body, 'other')],
    ['another body', sign('sha1', 'base64', `${body} `)],
    ['the right signature under another name', sign('sha256', 'hex').replace('sha256', 'sha1')],
    ['a signature cut short', sign('sha1', 'hex').slice(0, -1)],
    ['an upper-case Base64', sign('sha1', 'base64').replace(/=.*/, (text) => text.toUpperCase())],
    ['another hash', sign('md5', 'base64')],
    ['no hash', createHmac('sha1', secret).update(body).digest('base64')],
    ['no signature', undefined],
    ['an empty one', ''],
    ['a very long one', `sha1=${'A'.repeat(10_000)}`],
  ])('with %s is nobody’s', async (_name, signature) => {
    expect(await isSignedWebhook({ body, signature, secret })).toBe(false);
  });

  it('is nobody’s without a secret, which anybody could sign with', async () => {
    expect(await isSignedWebhook({ body, signature: sign('sha1', 'base64', body, 'x'), secret: '' })).toBe(false);
    expect(await isSignedWebhook({ body, signature: [sign('sha1', 'base64')], secret })).toBe(false);
    expect(await isSignedWebhook({ body, signature: sign('sha1', 'base64'), secret: undefined as never })).toBe(false);
  });
});
