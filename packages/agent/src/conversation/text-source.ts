import { ConfigError } from '@lp/core';
import { abortable } from '@lp/core/internal';

/**
 * Makes the text of an answer when it is wanted. `said` is what an earlier run, which was killed or failed, has said of
 * it: empty, or what is to be gone on from. `signal` is aborted when nobody wants the rest any more.
 */
export type Producer = (run: {
  readonly said: string;
  readonly signal: AbortSignal;
}) => AsyncIterable<string> | Promise<AsyncIterable<string>>;

/** A text that comes in pieces. */
export type TextSource = AsyncIterable<string> | Producer;

export function isTextSource(content: unknown): content is TextSource {
  return typeof content === 'function' || isAsyncIterable(content);
}

/** A text as a source. */
export async function* inOnePiece(text: string): AsyncGenerator<string> {
  yield text;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** The pieces of a source until `signal` is aborted. */
export async function* readPieces(source: TextSource, said: string, signal: AbortSignal): AsyncGenerator<string> {
  signal.throwIfAborted();
  const made: unknown = typeof source === 'function' ? await unless(signal, source({ said, signal })) : source;
  if (!isAsyncIterable(made)) {
    throw new ConfigError('reply: the producer must give an async iterable of texts, as the textStream of a model is');
  }
  for await (const piece of untilAborted(made, signal)) {
    if (typeof piece !== 'string') {
      throw new ConfigError(`reply: the source must give texts; it gave something of type ${typeof piece}`);
    }
    yield piece;
  }
}

/**
 * What an iterable gives until `signal` is aborted, which throws its reason at once, whatever the iterable does. However it
 * is left, the iterable is told by `return()`; that is not waited for.
 */
export async function* untilAborted<T>(given: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  const iterator = given[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const step = await unless(signal, iterator.next()).catch((error: unknown) => {
        // One that has thrown has ended; one that was left has not.
        ended = signal?.aborted !== true;
        throw error;
      });
      if (step.done === true) {
        ended = true;
        return;
      }
      yield step.value;
    }
  } finally {
    if (!ended) void leave(iterator);
  }
}

/** What a source does, unless it is aborted first; it may be aborted by the source itself. */
function unless<T>(signal: AbortSignal | undefined, made: T | PromiseLike<T>): Promise<T> {
  const promise = Promise.resolve(made);
  // Then nobody waits for it any more.
  promise.catch(() => undefined);
  return abortable(promise, signal);
}

async function leave(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // Nobody wants the rest, nor to know why there is none.
  }
}

/** Finds what was said at the beginning of a text that comes in pieces. Blanks do not count: they are lost where a text is split. */
export class SaidPrefix {
  readonly #said: string;
  #found = 0;
  differs = false;

  constructor(said: string) {
    this.#said = said.replace(/\s+/g, '');
  }

  /** Whether all that was said has come. */
  get passed(): boolean {
    return this.#found === this.#said.length;
  }

  /** What of a piece comes after what was said. */
  rest(piece: string): string {
    for (let index = 0; index < piece.length; index++) {
      if (this.passed) return piece.slice(index);
      const char = piece.charAt(index);
      if (/\s/.test(char)) continue;
      this.differs = char !== this.#said.charAt(this.#found);
      if (this.differs) return '';
      this.#found++;
    }
    return '';
  }
}
