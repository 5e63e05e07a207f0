import { describe, expect, it } from '@jest/globals';
import { codeOf, whyUnreached, whyUntrusted } from '@lp/core/internal';

describe('why a host was not reached', () => {
  it.each([
    ['ECONNREFUSED', 'nothing responds there (the connection was refused)'],
    ['ENOTFOUND', 'its name cannot be resolved (check the host and the network)'],
    ['UND_ERR_CONNECT_TIMEOUT', 'nothing responds there (the connection timed out)'],
    ['PRIVATE_ADDRESS', expect.stringContaining('set privateHosts')],
    ['EPROTO', 'it does not speak TLS as expected'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS as expected'],
  ])('is told in words for %s', (code, words) => {
    expect(whyUnreached(code)).toEqual(words);
  });

  it.each(['EPIPE', 'EPROTONOSUPPORT', '', 'toString', 'CERT_HAS_EXPIRED'])('is not made up for %p', (code) => {
    expect(whyUnreached(code)).toBeUndefined();
  });
});

describe('why a certificate is not trusted', () => {
  it('names another name, or the code, and says what to do', () => {
    const hint = 'give its authority in tls.ca, or in NODE_EXTRA_CA_CERTS, when it is your own';
    const elsewhere = whyUntrusted('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(elsewhere).toContain('its certificate is for another name; check the host');
    // No authority makes another name the right one.
    expect(elsewhere).not.toContain('tls.ca');
    for (const code of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']) {
      expect(whyUntrusted(code)).toBe(`its certificate was not accepted (${code}); ${hint}`);
    }
  });

  it.each(['ECONNREFUSED', 'ERR_SSL_WRONG_VERSION_NUMBER', ''])('is nothing for %p', (code) => {
    expect(whyUntrusted(code)).toBeUndefined();
  });
});

describe('the code of an error', () => {
  it('is its own where it is one', () => {
    expect(codeOf(Object.assign(new Error('marker'), { code: 'ECONNRESET' }))).toBe('ECONNRESET');
    expect(codeOf({ code: 'UND_ERR_SOCKET' })).toBe('UND_ERR_SOCKET');
  });

  it.each([undefined, null, 'ECONNRESET', 7, {}, { code: 7 }, { code: '' }, { code: 'a b' }, { code: 'x'.repeat(65) }])(
    'is UNKNOWN for %j, so that no text of others gets into a message',
    (error) => {
      expect(codeOf(error)).toBe('UNKNOWN');
    },
  );
});
