import type { HistoryPage } from '../../src/dialog/dialog-types.ts';
import { type Hole, type Issue, SequenceLedger } from '../../src/dialog/sequence-ledger.ts';
import type { ModelEvent } from './server-model.ts';

type SequenceOf = (event: ModelEvent) => number | undefined;

class Ledger extends SequenceLedger<ModelEvent> {
  readonly capacity: number;
  querying = false;
  settling = false;

  constructor(capacity: number, bound = capacity) {
    super(bound);
    this.capacity = capacity;
  }

  override issue(): Issue {
    this.querying = true;
    return super.issue();
  }

  override settle(issue: Issue, page: HistoryPage<ModelEvent>, sequenceOf: SequenceOf): 'settled' | 'doubtful' {
    this.querying = false;
    this.settling = true;
    const verdict = super.settle(issue, page, sequenceOf);
    this.settling = false;
    return verdict;
  }
}

/** Ledgers with one mistake each, by what they do. Every one of them must be found out by the random schedules. */
export const brokenLedgers: Record<string, (capacity: number) => SequenceLedger<ModelEvent>> = {
  'drops live events that come during a query': (capacity) =>
    new (class extends Ledger {
      override observe(sequence: number, pushed: boolean): void {
        if (!this.querying) super.observe(sequence, pushed);
      }
      override isNext(sequence: number): boolean {
        return !this.querying && super.isNext(sequence);
      }
      override buffer(sequence: number, event: ModelEvent): number | undefined {
        return this.querying ? undefined : super.buffer(sequence, event);
      }
    })(capacity),

  'forgets a reconnect that comes during a query': (capacity) =>
    new (class extends Ledger {
      override demand(): void {
        if (!this.querying) super.demand();
      }
    })(capacity),

  'lets a response speak for what happened after its query': (capacity) =>
    new (class extends Ledger {
      override settle(issue: Issue, page: HistoryPage<ModelEvent>, sequenceOf: SequenceOf): 'settled' | 'doubtful' {
        return super.settle({ ...super.issue(), after: issue.after }, page, sequenceOf);
      }
    })(capacity),

  'holds as many events as come': (capacity) => new Ledger(capacity, Number.POSITIVE_INFINITY),

  'takes a number above the tail for the next one': (capacity) =>
    new (class extends Ledger {
      override isNext(sequence: number): boolean {
        return this.begun && sequence > this.tail;
      }
    })(capacity),

  'takes every event for a new one': (capacity) =>
    new (class extends Ledger {
      override isNext(): boolean {
        return this.begun;
      }
    })(capacity),

  'asks behind the next number, as if the bound were always inclusive': (capacity) =>
    new (class extends Ledger {
      override issue(): Issue {
        const issue = super.issue();
        return { ...issue, after: issue.after + 1 };
      }
    })(capacity),

  'takes a response that does not tell its end for the whole': (capacity) =>
    new (class extends Ledger {
      override settle(issue: Issue, page: HistoryPage<ModelEvent>, sequenceOf: SequenceOf): 'settled' | 'doubtful' {
        return super.settle(issue, { ...page, complete: page.complete ?? true }, sequenceOf);
      }
    })(capacity),

  'takes the first page for the whole': (capacity) =>
    new (class extends Ledger {
      override settle(issue: Issue, page: HistoryPage<ModelEvent>, sequenceOf: SequenceOf): 'settled' | 'doubtful' {
        return super.settle(issue, { ...page, complete: true }, sequenceOf);
      }
    })(capacity),

  'believes a response that lacks what is known to exist': (capacity) =>
    new (class extends Ledger {
      override settle(issue: Issue, page: HistoryPage<ModelEvent>, sequenceOf: SequenceOf): 'settled' | 'doubtful' {
        while (super.settle(issue, page, sequenceOf) === 'doubtful');
        return 'settled';
      }
    })(capacity),

  'forgets an event that finds no room': (capacity) =>
    new (class extends Ledger {
      override observe(sequence: number, pushed: boolean): void {
        if (this.buffered < this.capacity) super.observe(sequence, pushed);
      }
      override buffer(sequence: number, event: ModelEvent): number | undefined {
        return this.buffered < this.capacity ? super.buffer(sequence, event) : undefined;
      }
    })(capacity),

  'takes an event that the full buffer refused for delivered': (capacity) =>
    new (class extends Ledger {
      override buffer(sequence: number, event: ModelEvent): number | undefined {
        if (this.settling || !this.isNext(sequence)) return super.buffer(sequence, event);
        this.pass(sequence);
        return undefined;
      }
    })(capacity),

  'ends without reading the rest': (capacity) =>
    new (class extends Ledger {
      #over = false;
      override get finished(): boolean {
        return this.begun && this.#over;
      }
      override end(sequence: number | undefined): void {
        super.end(sequence);
        this.#over = true;
      }
    })(capacity),

  'never ends': (capacity) =>
    new (class extends Ledger {
      override get finished(): boolean {
        return false;
      }
    })(capacity),

  'cries loss at every hole': (capacity) =>
    new (class extends Ledger {
      override isLoss(): boolean {
        return true;
      }
    })(capacity),

  'says nothing of a loss': (capacity) =>
    new (class extends Ledger {
      override isLoss(_hole: Hole): boolean {
        return false;
      }
    })(capacity),

  'thinks that pushes went on while the connection was down': (capacity) =>
    new (class extends Ledger {
      override breakOff(): void {}
    })(capacity),

  'begins a live stream with what came last': (capacity) =>
    new (class extends Ledger {
      #highest = -1;
      override observe(sequence: number, pushed: boolean): void {
        this.#highest = Math.max(this.#highest, sequence);
        super.observe(sequence, pushed);
      }
      override begin(sequence: number): void {
        super.begin(this.settling ? Math.max(sequence, this.#highest) : sequence);
      }
    })(capacity),
};
