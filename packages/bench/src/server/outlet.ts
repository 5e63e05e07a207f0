import type { Duplex } from 'node:stream';
import { type Field, put, type Template } from './template.ts';

const CHUNK_BYTES = 64 * 1024;

/** Writes frames to the socket: what is said in one go leaves in one write. */
export class Outlet {
  readonly #socket: Duplex;
  #waiting: Buffer[] = [];
  #goOn: () => void = () => undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
    for (const event of ['drain', 'close']) socket.on(event, () => this.#goOn());
  }

  write(frame: Buffer): void {
    this.#waiting.push(frame);
    if (this.#waiting.length === 1) queueMicrotask(() => this.#flush());
  }

  /** Sends copies of a template as fast as they are taken; `values` says what stands in each. */
  async flood<F extends string>(
    { frame, fields }: Template<F>,
    count: number,
    values: (index: number) => Readonly<Partial<Record<F, string>>>,
  ): Promise<void> {
    const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / frame.length));
    const model = Buffer.concat(Array.from({ length: perChunk }, () => frame));
    for (let sent = 0; sent < count && !this.#socket.destroyed; ) {
      const size = Math.min(perChunk, count - sent);
      const chunk = Buffer.from(model.subarray(0, size * frame.length));
      for (let index = 0; index < size; index++) {
        for (const [name, value] of Object.entries<string | undefined>(values(sent + index))) {
          put(chunk, index * frame.length, fields[name as F] as Field, value as string);
        }
      }
      sent += size;
      const room = new Promise<void>((resolve) => {
        this.#goOn = resolve;
      });
      if (!this.#socket.write(chunk)) await room;
    }
  }

  #flush(): void {
    const frames = this.#waiting;
    this.#waiting = [];
    this.#socket.write(frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames));
  }
}
