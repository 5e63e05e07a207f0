import { createHmac } from 'node:crypto';
import type { Clock } from '@lp/core';
import type { Random } from '../random.ts';
import { Refusal } from './model.ts';

export interface SignedPath {
  relativePath: string;
  queryParams: { temp_url_sig: string; temp_url_expires: string };
}

const URL_TTL_MS = 60_000;
export const MAX_FILE_BYTES = 5 * 1024 * 1024;
const TYPES = ['JPG', 'JPEG', 'PNG', 'GIF', 'PDF', 'DOCX', 'PPTX', 'XLSX', 'TXT', 'IMG'];

/** The account's file storage: paths are signed for one method and about a minute. Files are kept in memory. */
export class FileStore {
  readonly #accountId: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #key: string;
  readonly #files = new Map<string, Buffer>();

  constructor(accountId: string, clock: Clock, random: Random) {
    this.#accountId = accountId;
    this.#clock = clock;
    this.#random = random;
    this.#key = random.hex(64);
  }

  /** @throws Refusal for a type or size that is not allowed. */
  signUpload(originatorId: string, fileType: string, fileSize: number): SignedPath {
    const type = fileType.toUpperCase();
    if (!TYPES.includes(type)) throw new Refusal(400, 'File type is not supported');
    if (!(fileSize > 0 && fileSize <= MAX_FILE_BYTES)) throw new Refusal(400, 'File size is not supported');
    const name = `${originatorId}_uuid_${this.#random.uuid()}_${stamp(this.#clock.now())}.${type}`;
    return this.#sign('PUT', `/v1/AUTH_async-images/${this.#accountId}/${name}`);
  }

  signDownload(relativePath: string): SignedPath {
    return this.#sign('GET', relativePath);
  }

  /** Whether a signature holds for this method and path, and has not expired. */
  allows(method: string, relativePath: string, signature: string | null, expires: string | null): boolean {
    if (expires === null || Number(expires) * 1000 <= this.#clock.now()) return false;
    return signature === this.#signature(method, relativePath, expires);
  }

  put(relativePath: string, content: Buffer): void {
    this.#files.set(relativePath, content);
  }

  get(relativePath: string): Buffer | undefined {
    return this.#files.get(relativePath);
  }

  #sign(method: string, relativePath: string): SignedPath {
    const expires = String(Math.ceil((this.#clock.now() + URL_TTL_MS) / 1000));
    return {
      relativePath,
      queryParams: { temp_url_sig: this.#signature(method, relativePath, expires), temp_url_expires: expires },
    };
  }

  #signature(method: string, relativePath: string, expires: string): string {
    return createHmac('sha1', this.#key).update(`${method}\n${expires}\n${relativePath}`).digest('hex');
  }
}

/** `dd-mm-yyyy_hh-mm-ss-mmm` in UTC. */
function stamp(ms: number): string {
  const [date, time] = new Date(ms).toISOString().slice(0, -1).split('T') as [string, string];
  return `${date.split('-').reverse().join('-')}_${time.replace(/[:.]/g, '-')}`;
}
