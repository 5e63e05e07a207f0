import { generate } from 'selfsigned';

export interface ServerCertificate {
  ca: string;
  key: string;
  cert: string;
}

/** An authority of its own and a certificate by it, for 127.0.0.1 and localhost unless told otherwise. */
export async function makeCertificate(name?: { dns: string }): Promise<ServerCertificate> {
  const authority = await generate([{ name: 'commonName', value: 'lp test authority' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: name?.dns ?? 'localhost' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      {
        name: 'subjectAltName',
        altNames: name
          ? [{ type: 2, value: name.dns }]
          : [
              { type: 2, value: 'localhost' },
              { type: 7, ip: '127.0.0.1' },
            ],
      },
    ],
  });
  return { ca: authority.cert, key: server.private, cert: server.cert };
}
