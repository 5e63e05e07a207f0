import { nextTurn } from '../turns.ts';

/** What the platform and its consumers use of a WebSocket. */
export interface FrameSocket {
  readonly readyState: number;
  readonly OPEN: number;
  terminate(): void;
  pause(): void;
  resume(): void;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  on(event: 'message', listener: (data: { toString(): string }) => void): unknown;
  on(event: 'close' | 'ping', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
const CUT_OFF = 1006;
const TOO_LARGE = 1009;
// As of the sockets of others.
const MAX_FRAME_BYTES = 1024 * 1024;

/**
 * One end of a socket that stays in this process, as a WebSocket looks to both sides: frames and closes arrive in a later
 * turn of the event loop, in order. Without ports, descriptors, buffers and parsers ten thousand of them take little.
 */
export class LocalSocket implements FrameSocket {
  readonly OPEN = OPEN;
  readyState: 1 | 2 | 3 = OPEN;
  #far!: LocalSocket;
  #message: ((text: string) => void) | undefined;
  #closed: (() => void) | undefined;
  /** What has been sent here and not been given out: frames, and the code of the end. */
  #waiting: (string | number)[] = [];
  #paused = false;
  #due = false;

  static pair(): [LocalSocket, LocalSocket] {
    const [one, other] = [new LocalSocket(), new LocalSocket()];
    one.#far = other;
    other.#far = one;
    return [one, other];
  }

  /** One listener for each; there are no pings and no errors here. */
  on(event: string, listener: (data: string & Error) => void): void {
    if (event === 'message') this.#message = listener as (text: string) => void;
    else if (event === 'close') this.#closed = listener as () => void;
  }

  send(text: string): void {
    if (this.readyState !== OPEN) return;
    if (text.length > MAX_FRAME_BYTES / 3 && Buffer.byteLength(text) > MAX_FRAME_BYTES) this.#far.close(TOO_LARGE);
    else this.#far.#receive(text);
  }

  /** Both ends close, each after what it was sent before. */
  close(code = 1005): void {
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.#far.#receive(code);
  }

  /** Cuts both ends off; the other notices it in a later turn, and what it sends until then is lost. */
  terminate(): void {
    if (this.readyState === OPEN) this.readyState = CLOSING;
    for (const end of [this, this.#far]) {
      if (end.readyState === CLOSED) continue;
      end.#paused = false;
      end.#waiting = [];
      end.#receive(CUT_OFF);
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  #receive(item: string | number): void {
    this.#waiting.push(item);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#due || this.#paused || this.#waiting.length === 0) return;
    this.#due = true;
    nextTurn(() => this.#giveOut());
  }

  #giveOut(): void {
    this.#due = false;
    const items = this.#waiting;
    this.#waiting = [];
    for (let item = items.shift(); item !== undefined; item = items.shift()) {
      if (typeof item === 'number') return this.#end(item);
      if (this.readyState === OPEN) this.#message?.(item);
      if (this.#paused) break;
    }
    this.#waiting = [...items, ...this.#waiting];
    this.#schedule();
  }

  #end(code: number): void {
    if (this.readyState === CLOSED) return;
    const wasOpen = this.readyState === OPEN;
    this.readyState = CLOSED;
    this.#closed?.();
    // Who began to close is closed once the other has responded.
    if (wasOpen || this.#far.readyState === CLOSING) this.#far.#receive(code);
  }
}
