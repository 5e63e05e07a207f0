import type { Command } from './commands.ts';
import type { Echoes } from './echoes.ts';
import { consumerMessage, conversationId, framesOf, markOf, padded, timestamp, type User } from './frames.ts';
import type { Outlet } from './outlet.ts';
import { fill } from './template.ts';

export interface Published {
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

/** One user's consumers, who say the next thing when they were answered, and what the platform tells the user meanwhile. */
export class Conversations {
  readonly #outlet: Outlet;
  readonly #echoes: Echoes;
  readonly #frames: ReturnType<typeof framesOf>;
  readonly #sequences = new Map<string, number>();
  #talk: Talk | undefined;
  #first = 0;
  #firstSequence = 0;
  /** Behind the times of all that is told at first: the platform's clock does not go back. */
  #time = 100_000;

  constructor(outlet: Outlet, user: User, echoes: Echoes) {
    this.#outlet = outlet;
    this.#frames = framesOf(user);
    this.#echoes = echoes;
  }

  /** Begins anew, with the conversations from this index on, behind a history of this length. */
  reset(first: number, historyLength: number): void {
    this.#first = first;
    this.#firstSequence = historyLength;
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

  /** Takes in what the agent says; gives its number. */
  publish({ dialogId, event }: Published): number {
    // The old example greets each conversation. That is no part of what is measured: it takes no number and is not told.
    if (event.message?.startsWith('Just joined') === true) return this.#sequences.get(dialogId) ?? this.#firstSequence;
    const sequence = this.#nextSequence(dialogId);
    const common = { conversation: dialogId, sequence: padded(sequence), time: this.#nextTime() };
    if (event.type === 'AcceptStatusEvent') {
      this.#tell(fill(this.#frames.agentRead, { ...common, read: padded(event.sequenceList?.[0] ?? 0) }));
      return sequence;
    }
    const mark = /m-\d{5}-\d{5}/.exec(event.message ?? '')?.[0];
    if (mark === undefined) return sequence;
    this.#tell(
      fill(this.#frames.agentMessage, { ...common, mark }),
      fill(this.#frames.answeredNotification, { ...common, mark }),
    );
    if (this.#echoes.note(mark)) this.#answered(Number(mark.slice(2, 7)) - this.#first);
    return sequence;
  }

  #answered(conversation: number): void {
    const talk = this.#talk;
    if (!talk) return;
    if (--talk.left === 0) {
      this.#talk = undefined;
      talk.finished();
    } else if (talk.pauseMs > 0) setTimeout(() => this.#sayNext(conversation), talk.pauseMs);
    else this.#sayNext(conversation);
  }

  #sayNext(conversation: number): void {
    const talk = this.#talk;
    const message = talk?.said[conversation] ?? 0;
    if (!talk || message >= talk.until) return;
    talk.said[conversation] = message + 1;
    const id = conversationId(this.#first + conversation);
    const sequence = padded(this.#nextSequence(id));
    const mark = markOf(this.#first + conversation, message);
    const values = { conversation: id, sequence, time: this.#nextTime(), mark };
    this.#tell(fill(consumerMessage, values), fill(this.#frames.conversationNotification, values));
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
    for (const frame of frames) this.#outlet.write(frame);
  }
}
