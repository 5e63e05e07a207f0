import type { Clock } from '@lp/core';
import { createLimiter, type Limiter } from '@lp/core/internal';
import { briefOf, type ConversationState, type ConversationStore } from '../inbound/conversation-store.ts';
import type { Lifetime } from '../inbound/lifecycle.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import type { Reporter } from '../inbound/reporter.ts';
import type { Router } from '../inbound/router.ts';
import type { DialogPlace, DialogPort, DialogReport, DialogSink, HistoryPage } from './dialog-types.ts';
import type { HistoryReader } from './history.ts';

// Each that is late again holds its turn for as long as a request may take.
const LATE_AT_ONCE = 2;

/** What the streams of an agent's dialogs are made of. */
export interface DialogParts {
  readonly history: HistoryReader;
  readonly router: Pick<Router, 'attach' | 'detach'>;
  readonly store: ConversationStore;
  readonly lifetime: Lifetime;
  /** Lets only a few streams query the history at once. */
  readonly backfills: Limiter;
  readonly report: Reporter;
  readonly clock: Clock;
}

/** The port of one agent: histories come from the platform, live events from the router. */
export class AgentDialogPort implements DialogPort<MessagingEvent> {
  readonly limiter: Limiter;
  readonly late = createLimiter(LATE_AT_ONCE);
  readonly clock: Clock;
  readonly report: DialogReport;
  readonly history: HistoryReader;
  readonly #parts: DialogParts;

  constructor(parts: DialogParts) {
    this.#parts = parts;
    this.history = parts.history;
    this.limiter = parts.backfills;
    this.clock = parts.clock;
    this.report = createDialogReport(parts.report);
  }

  async query(
    dialogId: string,
    { after, signal }: { after: number; signal: AbortSignal },
  ): Promise<HistoryPage<MessagingEvent>> {
    // The platform does not say whether more follow.
    return { events: await this.history.page({ dialogId, after }, signal), complete: undefined };
  }

  attach(place: DialogPlace, sink: DialogSink<MessagingEvent>): () => void {
    const { lifetime, router, store } = this.#parts;
    const watch = (state: ConversationState) => {
      if (isClosed(state, place.dialogId)) sink.ended();
    };
    router.attach(place.dialogId, sink);
    lifetime.join(sink);
    store.watch(place.state().conversationId, watch);
    watch(place.state());
    // One function for all, which holds little: there may be many thousands of streams.
    return () => this.#detach(place, sink, watch);
  }

  #detach(
    { dialogId, state }: DialogPlace,
    sink: DialogSink<MessagingEvent>,
    watch: (state: ConversationState) => void,
  ): void {
    const { lifetime, router, store } = this.#parts;
    router.detach(dialogId, sink);
    lifetime.leave(sink);
    store.unwatch(state().conversationId, watch);
  }

  /** A typing event says 0 on some servers, which is no place in the order. */
  sequenceOf({ sequence, event }: MessagingEvent): number | undefined {
    return event.type === 'ChatStateEvent' ? undefined : sequence;
  }

  /** Only those who are pushed every event see receipts. */
  provesEveryNumber({ event }: MessagingEvent): boolean {
    return event.type === 'AcceptStatusEvent';
  }
}

function createDialogReport(report: Reporter): DialogReport {
  return {
    gap: ({ dialogId, after, before }) => report.status({ type: 'gap', dialogId, after, before }),
    resynced({ dialogId, cause, from, to, queries }) {
      if (cause !== 'start') report.status({ type: 'resynced', dialogId, cause, from, to, queries });
    },
    retrying({ dialogId, attempt, delayMs }) {
      report.logger.warn('the history of a dialog could not be read, it will be asked again', {
        dialogId,
        attempt,
        delayMs,
      });
    },
    refused: (dialogId) =>
      report.logger.warn('the history of a dialog that has ended is refused, what was not pushed of it is not known', {
        dialogId,
      }),
    highWater: (dialogId) => report.status({ type: 'slowConsumer', stream: 'messages', dialogId }),
  };
}

/** Whether nothing more can be said in a dialog: it, or its whole conversation, was closed. */
export function isClosed(state: ConversationState, dialogId: string): boolean {
  return state.ended || briefOf(state)?.dialogs.find((dialog) => dialog.dialogId === dialogId)?.state === 'CLOSE';
}
