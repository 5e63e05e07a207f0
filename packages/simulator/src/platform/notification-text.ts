import type { Clock } from '@lp/core';
import type { Quirks } from '../quirks.ts';
import { type Dialect, NOTIFICATIONS } from '../wire.ts';

export type ChangeType = 'UPSERT' | 'DELETE';

const EXTRA = { unknownField: { since: 'a later version' } };

/** Writes notifications as the quirks have them. A part is written once for all who get it, so what is put together is text. */
export class NotificationText {
  readonly #quirks: Quirks;
  readonly #clock: Clock;

  constructor(quirks: Quirks, clock: Clock) {
    this.#quirks = quirks;
    this.#clock = clock;
  }

  object(value: object): string {
    return JSON.stringify(this.#quirks.extraFields ? { ...value, ...EXTRA } : value);
  }

  /** An event as agents get it: by itself. */
  event(shown: object): string {
    return frame(this.#quirks.eventNotification, this.object(shown));
  }

  toSubscription(
    kind: Exclude<keyof typeof NOTIFICATIONS, 'events'>,
    dialect: Dialect,
    id: string,
    changes: readonly string[],
  ): string {
    const extra = this.#quirks.extraFields ? `,${JSON.stringify(EXTRA).slice(1, -1)}` : '';
    const body = `{"subscriptionId":"${id}","sentTs":${this.#clock.now()},"changes":${this.#list(changes)}${extra}}`;
    return frame(NOTIFICATIONS[kind][dialect], body);
  }

  /** What consumers and webhooks get without a subscription's id. */
  toConsumer(kind: 'events' | 'conversations', changes: readonly string[]): string {
    const sent = this.#quirks.consumerFrames === 'today' ? `"sentTs":${this.#clock.now()},` : '';
    return frame(NOTIFICATIONS[kind].v3, `{${sent}"changes":${this.#list(changes)}}`);
  }

  #list(changes: readonly string[]): string {
    return this.#quirks.bareElements && changes.length === 1 ? (changes[0] as string) : `[${changes.join(',')}]`;
  }
}

const frame = (type: string, body: string): string => `{"kind":"notification","type":"${type}","body":${body}}`;

/** One change of a list, whose result is written already. */
export const change = (type: ChangeType, result: string): string => `{"type":"${type}","result":${result}}`;
