import { beforeAll, describe, expect, it } from '@jest/globals';
import { createDomainResolver, createHttpClient, login } from '@lp/auth';
import { ConfigError, NotConnectedError } from '@lp/core';
import { Agent } from 'undici';
import { makeCertificate, type ServerCertificate } from './support/certificates.ts';
import { PASSWORD } from './support/client.ts';
import { rejection, thrown } from './support/errors.ts';
import { ACCOUNT, startPlatform } from './support/platform.ts';

let good: ServerCertificate;
let misnamed: ServerCertificate;
beforeAll(async () => {
  [good, misnamed] = await Promise.all([makeCertificate(), makeCertificate({ dns: 'other.example' })]);
});

describe('over HTTPS', () => {
  it('looks up and logs in when the authority is given', async () => {
    await using platform = await startPlatform({ tls: good });
    await using http = createHttpClient({ tls: { ca: good.ca } });
    const domains = createDomainResolver({ accountId: ACCOUNT, csdsDomain: `https://${platform.host}`, http });
    const session = await login({ accountId: ACCOUNT, credentials: PASSWORD, domains, http });
    expect(session.bearer).toBe('bearer-0001');
    expect(await domains.origin('agentVep')).toBe(`https://${platform.host}`);
    expect(platform.connections()).toBe(1);
  });

  it('shows the client certificate of a dispatcher of your own', async () => {
    await using platform = await startPlatform({ tls: { ...good, requestCert: true, rejectUnauthorized: true } });
    const { ca, key, cert } = good;
    const dispatcher = new Agent({ connect: { ca, key, cert } });
    await using http = createHttpClient({ dispatcher });
    const response = await http.request({ method: 'POST', origin: platform.origin, path: '/login' });
    expect(response.status).toBe(200);
    await dispatcher.close();
  });

  // verifies: network:tls, threat:eavesdropper
  it('sends nothing to a server whose authority is not trusted', async () => {
    await using platform = await startPlatform({ tls: good });
    await using http = createHttpClient();
    const error = await rejection(
      http.request({ method: 'POST', origin: platform.origin, path: '/login', body: PASSWORD }),
    );
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.retryable).toBe(true);
    expect(error.message).toMatch(
      /^cannot trust 127\.0\.0\.1:\d+: its certificate was not accepted \(\w+\); give its authority/,
    );
    expect(platform.seen).toEqual([]);
  });

  // verifies: network:tls, threat:eavesdropper
  it('sends nothing to a server whose certificate is for another name', async () => {
    await using platform = await startPlatform({ tls: misnamed });
    await using http = createHttpClient({ tls: { ca: misnamed.ca } });
    const error = await rejection(
      http.request({ method: 'POST', origin: platform.origin, path: '/login', body: PASSWORD }),
    );
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.retryable).toBe(true);
    expect(error.message).toContain('its certificate is for another name');
    expect(error.context).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(platform.seen).toEqual([]);
  });

  it.each([[[]], [''], ['x'], [['', '']]])('takes no authorities that would trust nobody: %j', (ca) => {
    const error = thrown(() => createHttpClient({ tls: { ca } }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain('tls.ca');
  });

  // verifies: threat:eavesdropper
  it('says so when the server speaks plain HTTP', async () => {
    await using platform = await startPlatform();
    await using http = createHttpClient();
    const error = await rejection(http.request({ method: 'GET', origin: `https://${platform.host}`, path: '/' }));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.message).toContain('it does not speak TLS as expected');
    expect(platform.seen).toEqual([]);
  });
});
