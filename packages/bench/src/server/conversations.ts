import type { Command } from './commands.ts';
import {
  agentMessage,
  agentRead,
  consumerMessage,
  conversationId,
  conversationNotification,
  markOf,
  padded,
  timestamp,
} from './frames.ts';
import type { Outlet } from './outlet.ts';
import { fill } from './template.ts';

interface Published {
  readonly dialogId: string;
  readonly event: { readonly type: string; readonly message?: string; readonly sequenceList?: readonly number[] };
}

interface Talk {
  readonly until: number;
  readonly pauseMs: number;
  readonly said: number[];
  readonly finished: () => void;
  left: number;
}

/** Consumers who say the next thing when they were answered, and what the platform tells the agent meanwhile. */
export class Conversations {
  readonly #outlet: () => Outlet | undefined;
  readonly #echoes = new Map<string, number>();
  readonly #sequences = new Map<string, number>();
  #talk: Talk | undefined;
  #firstSequence = 0;
  #time = 0;
  #awaited: { readonly count: number; readonly reached: () => void } | undefined;

  constructor(outlet: () => Outlet | undefined) {
    this.#outlet = outlet;
  }

  get echoed(): number {
    return this.#echoes.size;
  }

  get repeated(): number {
    let repeated = 0;
    for (const times of this.#echoes.values()) repeated += times - 1;
    return repeated;
  }

  /** Begins anew, behind a history of this length. */
  reset(historyLength: number): void {
    this.#firstSequence = historyLength;
    this.#echoes.clear();
    this.#sequences.clear();
  }

  talk(options: Extract<Command, { do: 'talk' }>): Promise<void> {
    const { conversations, from, until, window, pauseMs = 0 } = options;
    return new Promise((finished) => {
      const said = Array.from({ length: conversations }, () => from);
      this.#talk = { until, pauseMs, said, finished, left: conversations * (until - from) };
      for (let conversation = 0; conversation < conversations; conversation++) {
        for (let ahead = 0; ahead < window; ahead++) this.#sayNext(conversation);
      }
    });
  }

  awaitEchoes(count: number): Promise<void> {
    return new Promise((reached) => {
      this.#awaited = { count, reached };
      this.#checkAwaited();
    });
  }

  /** Takes in what the agent says; gives its number. */
  publish({ dialogId, event }: Published): number {
    const sequence = this.#nextSequence(dialogId);
    const common = { conversation: dialogId, sequence: padded(sequence), time: this.#nextTime() };
    if (event.type === 'AcceptStatusEvent') {
      this.#tell(fill(agentRead, { ...common, read: padded(event.sequenceList?.[0] ?? 0) }));
      return sequence;
    }
    const mark = /m-\d{5}-\d{5}/.exec(event.message ?? '')?.[0];
    if (mark === undefined) return sequence;
    this.#tell(fill(agentMessage, { ...common, mark }), fill(conversationNotification, { ...common, mark }));
    const times = (this.#echoes.get(mark) ?? 0) + 1;
    this.#echoes.set(mark, times);
    if (times === 1) this.#answered(Number(mark.slice(2, 7)));
    return sequence;
  }

  #answered(conversation: number): void {
    this.#checkAwaited();
    const talk = this.#talk;
    if (!talk) return;
    if (--talk.left === 0) {
      this.#talk = undefined;
      talk.finished();
    } else if (talk.pauseMs > 0) setTimeout(() => this.#sayNext(conversation), talk.pauseMs);
    else this.#sayNext(conversation);
  }

  #checkAwaited(): void {
    if (!this.#awaited || this.#echoes.size < this.#awaited.count) return;
    this.#awaited.reached();
    this.#awaited = undefined;
  }

  #sayNext(conversation: number): void {
    const talk = this.#talk;
    const message = talk?.said[conversation] ?? 0;
    if (!talk || message >= talk.until) return;
    talk.said[conversation] = message + 1;
    const id = conversationId(conversation);
    const sequence = padded(this.#nextSequence(id));
    const values = { conversation: id, sequence, time: this.#nextTime(), mark: markOf(conversation, message) };
    this.#tell(fill(consumerMessage, values), fill(conversationNotification, values));
  }

  #nextSequence(dialogId: string): number {
    const sequence = this.#sequences.get(dialogId) ?? this.#firstSequence;
    this.#sequences.set(dialogId, sequence + 1);
    return sequence;
  }

  #nextTime(): string {
    return timestamp(this.#time++);
  }

  #tell(...frames: Buffer[]): void {
    const outlet = this.#outlet();
    for (const frame of frames) outlet?.write(frame);
  }
}
