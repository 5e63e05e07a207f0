import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { ProtocolError } from '@lp/core';

type Decode = (content: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

const DECODERS: ReadonlyMap<string, Decode> = new Map(
  Object.entries({
    gzip: promisify(gunzip) as Decode,
    'x-gzip': promisify(gunzip) as Decode,
    deflate: promisify(inflate) as Decode,
    br: promisify(brotliDecompress) as Decode,
  }),
);

/**
 * A body without the compression that was put on it, although none was asked for.
 * @throws ProtocolError that names an encoding which is not known, or a content that is not what it says.
 */
export async function decodeContent(
  content: Uint8Array,
  encoding: string | string[] | undefined,
  { host, limit }: { host: string; limit: number },
): Promise<Uint8Array> {
  const names = String(encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  let decoded = content;
  for (const name of content.length === 0 ? [] : names.toReversed()) {
    const shown = /^[\w-]{1,20}$/.test(name) ? name : 'an unknown encoding';
    const decode = DECODERS.get(name);
    if (!decode) {
      throw new ProtocolError(`${host} compressed its response with ${shown}, which was not asked for`, {
        retryable: true,
        context: { host },
      });
    }
    try {
      decoded = await decode(decoded, { maxOutputLength: limit });
    } catch (error) {
      const tooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
      const message = tooLarge
        ? `the response of ${host} is larger than ${limit} bytes once decompressed`
        : `${host} says that its response is compressed with ${shown}, but it is not, or is cut short`;
      throw new ProtocolError(message, { retryable: !tooLarge, context: { host, limit } });
    }
  }
  return decoded;
}
