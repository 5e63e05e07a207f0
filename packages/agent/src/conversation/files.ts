import type { DomainResolver, HttpClient, HttpResponse } from '@lp/auth';
import { ConfigError, NotConnectedError, RequestRejectedError } from '@lp/core';
import { abortable, isPage, joinBytes, wordsOf } from '@lp/core/internal';
import type { Event, FileUrl } from '@lp/schemas';
import { checkOptions } from '../link/call.ts';
import type { RequestOptions } from '../link/request-options.ts';
import type { AgentRequests } from '../link/requests.ts';
import { untilAborted } from './text-source.ts';

/** The platform takes no larger files. */
export const MAX_FILE_BYTES = 5 * 1024 * 1024;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  JPG: 'image/jpeg',
  JPEG: 'image/jpeg',
  PNG: 'image/png',
  GIF: 'image/gif',
  TXT: 'text/plain',
  PDF: 'application/pdf',
  DOCX: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  PPTX: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  XLSX: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** A file's content. A stream is read to its end before anything is sent: the platform wants the size first. */
export type FileData = Uint8Array | ArrayBuffer | Blob | AsyncIterable<Uint8Array>;

/** What storing and reading files needs. */
export interface FileParts {
  readonly requests: AgentRequests;
  readonly http: HttpClient;
  readonly domains: DomainResolver;
}

/** A type in the platform's spelling. @throws ConfigError for one that it does not take. */
export function checkFileType(fileType: string): string {
  const type = typeof fileType === 'string' ? fileType.replace(/^\./, '').toUpperCase() : '';
  if (Object.hasOwn(CONTENT_TYPES, type)) return type;
  throw new ConfigError(`fileType must be one of ${Object.keys(CONTENT_TYPES).join(', ')}`);
}

/** The bytes of a file. @throws ConfigError for what is no file, and for a size that the platform does not take. */
export async function readFile(data: FileData, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const bytes = await readBytes(data, signal);
  if (bytes.byteLength === 0) throw new ConfigError('the file is empty');
  return bytes;
}

async function readBytes(data: FileData, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (data instanceof Uint8Array) return checkSize(data);
  if (data instanceof Blob) {
    checkSize({ byteLength: data.size });
    return new Uint8Array(await abortable(data.arrayBuffer(), signal));
  }
  if (typeof data === 'object' && data !== null && Symbol.asyncIterator in data) return await collect(data, signal);
  if (Object.prototype.toString.call(data) === '[object ArrayBuffer]') return checkSize(new Uint8Array(data));
  throw new ConfigError('the file must be a Buffer, Uint8Array, ArrayBuffer, Blob or a stream of bytes');
}

async function collect(stream: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of untilAborted(stream, signal)) {
    if (!(chunk instanceof Uint8Array))
      throw new ConfigError('the stream must give bytes: Buffer or Uint8Array chunks');
    size += chunk.byteLength;
    checkSize({ byteLength: size });
    chunks.push(chunk);
  }
  return joinBytes(chunks);
}

function checkSize<T extends { readonly byteLength: number }>(data: T): T {
  if (data.byteLength > MAX_FILE_BYTES) throw new ConfigError(`the file must have at most ${MAX_FILE_BYTES} bytes`);
  return data;
}

/** Stores a file and gives the path it can be published under. */
export async function storeFile(
  parts: FileParts,
  { bytes, fileType }: { bytes: Uint8Array; fileType: string },
  options: RequestOptions = {},
): Promise<string> {
  const contentType = CONTENT_TYPES[fileType] ?? 'application/octet-stream';
  const { url } = await exchange(
    parts,
    () => parts.requests.generateURLForUploadFile({ fileSize: bytes.byteLength, fileType }, options),
    { method: 'PUT', body: { raw: bytes, contentType }, ...callOptions(options) },
  );
  return url.relativePath;
}

/** Reads a file that was published under this path; without a declared type, the end of the path says what it is. */
export async function fetchFile(
  parts: FileParts,
  relativePath: string,
  options: RequestOptions = {},
  fileType?: string,
): Promise<Uint8Array> {
  checkOptions('downloadFile', options);
  const { response } = await exchange(
    parts,
    () => parts.requests.generateURLForDownloadFile({ relativePath }, options),
    { method: 'GET', maxResponseBytes: 4 * MAX_FILE_BYTES, ...callOptions(options) },
    declaredType(fileType, relativePath),
  );
  return response.bytes();
}

/** A file that somebody has sent. */
export interface SentFile {
  /** In the platform's spelling, such as `PNG`. */
  readonly fileType: string;
  /** What was written below the file. */
  readonly caption: string | undefined;
  /** Where the file lies in the platform's storage; `download` asks for a signed address of it. */
  readonly relativePath: string;
  /** Its bytes. */
  download(options?: RequestOptions): Promise<Uint8Array>;
}

/** The file of an event; undefined when it is another kind of event. */
export function fileOf(parts: FileParts, event: Event): SentFile | undefined {
  if (event.type !== 'ContentEvent') return undefined;
  const { message } = event;
  if (typeof message !== 'object' || message === null) return undefined;
  const { caption, fileType, relativePath } = message as Partial<Record<string, unknown>>;
  if (typeof relativePath !== 'string' || typeof fileType !== 'string') return undefined;
  const download = (options?: RequestOptions) => fetchFile(parts, relativePath, options, fileType);
  return { fileType, caption: typeof caption === 'string' ? caption : undefined, relativePath, download };
}

/** Files of these types are pages themselves. */
const PAGE_TYPES = new Set(['HTML', 'HTM', 'XHTML']);
/** Files of these types may hold a page: only what a response calls itself tells a portal's from them. */
const TEXT_TYPES = new Set(['TXT', 'PLAIN', 'XML', 'SVG']);
/** How much of a response is looked at: a page may begin with a long comment. */
const PAGE_START_BYTES = 16_384;

/** What storage promises: 200 or 201 for a file that is stored, 200 for one that is read. */
function isStored(method: StorageCall['method'], response: HttpResponse): boolean {
  const { status } = response;
  if (method === 'PUT') return status === 200 || status === 201;
  return status === 200 && response.bytes().byteLength > 0;
}

/** What responded in the storage's place with a page, whatever its status, in words; undefined for the storage itself. */
function pageInTheWay(response: HttpResponse, fileType: string | undefined): string | undefined {
  const { status, headers } = response;
  const bytes = response.bytes();
  // Storage itself calls the nothing that it says of a stored file a page.
  if (bytes.byteLength === 0 || PAGE_TYPES.has(fileType ?? '')) return undefined;
  const isText = TEXT_TYPES.has(fileType ?? '');
  const text = isText ? undefined : new TextDecoder().decode(bytes.subarray(0, PAGE_START_BYTES));
  const seen = { status, contentType: headers['content-type'], text, isPlatforms: false };
  return isPage(seen) ? wordsOf(seen) : undefined;
}

/** A type, as a message or the end of a path declares it, in the platform's spelling. */
function declaredType(fileType: string | undefined, relativePath: string): string | undefined {
  return /([^./+]+)$/.exec(fileType ?? '')?.[1]?.toUpperCase() ?? /\.(\w+)$/.exec(relativePath)?.[1]?.toUpperCase();
}

type StorageCall = Pick<
  Parameters<HttpClient['request']>[0],
  'method' | 'body' | 'maxResponseBytes' | 'signal' | 'timeoutMs'
>;

const callOptions = ({ signal, timeoutMs }: RequestOptions) => ({ signal, timeoutMs });

/**
 * A signed address is good for about a minute: one that has run out (401) is asked for once more. `fileType` is what a
 * response with a file in it should hold. @throws NotConnectedError for a portal's page, which goes away as it came.
 */
async function exchange(
  { http, domains }: FileParts,
  sign: () => Promise<FileUrl>,
  call: StorageCall,
  fileType?: string,
): Promise<{ url: FileUrl; response: HttpResponse }> {
  const origin = await domains.origin('swift', { signal: call.signal });
  for (let attempt = 1; ; attempt++) {
    const url = await sign();
    const { temp_url_sig, temp_url_expires } = url.queryParams;
    const response = await http.request({
      ...call,
      origin,
      path: url.relativePath,
      query: { temp_url_sig, temp_url_expires },
      idempotent: true,
      service: 'swift',
    });
    if (isStored(call.method, response)) {
      const page = pageInTheWay(response, fileType);
      if (page === undefined) return { url, response };
      const { host, status } = response;
      throw new NotConnectedError(
        `${host} responded to ${call.method} swift with ${page}: something is in the way to the platform`,
        { context: { host, status } },
      );
    }
    if (response.status !== 401 || attempt === 2) {
      throw new RequestRejectedError({ status: response.status, type: `${call.method} swift` });
    }
  }
}
