const HASHES = { sha1: 'SHA-1', sha256: 'SHA-256' } as const;

/** A webhook as it came. */
export interface SignedWebhook {
  /** The body, byte for byte as received: parsing it and writing it again gives another signature. */
  readonly body: string | Uint8Array;
  /** The header `x-liveperson-signature`, such as `sha1=…`, as Node.js gives it; a list is no signature. */
  readonly signature: string | readonly string[] | undefined;
  /** The application's client secret. */
  readonly secret: string;
}

/**
 * Whether a webhook was signed with the application's secret. Resolves to false for any other signature, for none, and
 * for a form that is not known; never rejects.
 *
 * The platform signs with SHA-1 or SHA-256 and writes the signature in Base64 or in hexadecimal, as each account is set: all
 * four are taken. The comparison takes as long for a wrong signature as for the right one.
 *
 * @example
 * if (!(await isSignedWebhook({ body, signature: request.headers['x-liveperson-signature'], secret }))) return 401;
 */
export async function isSignedWebhook({ body, signature, secret }: SignedWebhook): Promise<boolean> {
  const [, hash, written] =
    /^(sha1|sha256)=([\w+/=-]{1,128})$/.exec(typeof signature === 'string' ? signature : '') ?? [];
  if (hash === undefined || written === undefined || typeof secret !== 'string' || secret === '') return false;
  const bytes = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: HASHES[hash as keyof typeof HASHES] };
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey('raw', bytes.encode(secret), algorithm, false, ['sign']);
  const content = typeof body === 'string' ? bytes.encode(body) : Uint8Array.from(body);
  const mac = new Uint8Array(await subtle.sign('HMAC', key, content));
  const hex = Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = btoa(String.fromCharCode(...mac));
  return isSame(written, base64) || isSame(written.toLowerCase(), hex);
}

function isSame(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let at = 0; at < expected.length; at++) difference |= expected.charCodeAt(at) ^ given.charCodeAt(at);
  return difference === 0;
}
