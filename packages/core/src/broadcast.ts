import { createChannel } from './channel.ts';
import type { Channel, ChannelOptions } from './channel-types.ts';
import type { Stream } from './stream.ts';

export interface SubscribeOptions<T> extends Omit<ChannelOptions<T>, 'onStart'> {
  /** Gives what is delivered of an item; undefined: nothing. By default all of it. */
  select?: ((item: T) => T | undefined) | undefined;
  /** Called when the stream is read first, with how to fail it. */
  onStart?: ((fail: (error: unknown) => void) => void) | undefined;
}

/** Hands each published item to every stream that was subscribed before. Costs nothing while there is none. */
export class Broadcast<T> {
  readonly #channels = new Map<Channel<T>, ((item: T) => T | undefined) | undefined>();
  #end: { error: unknown } | undefined;

  /** Resolves when every stream that listens now has ended and is drained. */
  async drained(): Promise<void> {
    await Promise.all([...this.#channels.keys()].map((channel) => channel.drained));
  }

  /** How many streams listen. */
  get size(): number {
    return this.#channels.size;
  }

  /** A stream of all items published from now on; when `end` was called before, one that has ended. */
  subscribe(options: SubscribeOptions<T> = {}): Stream<T> {
    const { select, onClose, onStart, ...rest } = options;
    const channel = createChannel<T>({
      ...rest,
      ...(onStart && { onStart: () => onStart((error) => channel.fail(error)) }),
      onClose: () => {
        this.#channels.delete(channel);
        return onClose?.();
      },
    });
    if (this.#end) finish(channel, this.#end.error);
    else if (channel.open) this.#channels.set(channel, select);
    return channel.stream;
  }

  publish(item: T): void {
    if (this.#channels.size === 0) return;
    for (const [channel, select] of this.#channels) {
      const selected = select ? select(item) : item;
      if (selected !== undefined) channel.push(selected);
    }
  }

  /** Ends every stream after what it has buffered, with `error` unless it is undefined; with `drop` and no error, without what it has buffered. */
  end(error?: unknown, { drop = false }: { drop?: boolean } = {}): void {
    if (this.#end) return;
    this.#end = { error };
    for (const channel of [...this.#channels.keys()]) {
      if (drop && error === undefined) void channel.stream[Symbol.asyncDispose]();
      else finish(channel, error);
    }
  }
}

function finish<T>(channel: Channel<T>, error: unknown): void {
  if (error !== undefined) channel.fail(error);
  else channel.end();
}
