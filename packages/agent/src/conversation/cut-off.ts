import { DrainingError } from '@lp/core';
import type { DialogRecord } from '../cursors/dialog-store.ts';
import type { Positions } from '../cursors/positions.ts';
import type { AgentRequests } from '../link/requests.ts';

/** What handlers act through. */
interface Acts {
  readonly requests: AgentRequests;
  readonly positions: Positions;
}

/**
 * Ends what handlers do that are still at work when their `serve` has ended: their messages come again where the
 * conversation is served next, and two bodies of one message would say, show and keep it twice. A handler cannot be
 * stopped, so what it asks for is refused.
 */
export class CutOff {
  readonly #ids = new Set<string>();
  readonly #abort = new AbortController();

  /** Aborted when handlers are cut off; of which conversations, {@link CutOff.refusal} says. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Cuts off the handlers of conversations, named by their own ids and those of their dialogs. */
  cut(ids: readonly string[]): void {
    for (const id of ids) this.#ids.add(id);
    if (ids.length > 0) this.#abort.abort();
  }

  /** Why nothing can be done in a conversation or dialog; undefined when it can. */
  refusal(id: string): DrainingError | undefined {
    if (!this.#ids.has(id)) return undefined;
    return new DrainingError(
      `serving has ended while the handler of conversation ${id} was at work: nothing was sent or kept, its message comes again`,
      { context: { conversationId: id } },
    );
  }

  /** The same parts, through which those that are cut off do nothing. */
  guard<P extends Acts>(parts: P): P {
    const { positions, requests } = parts;
    const unless = <T>(id: string | undefined, act: () => Promise<T>): Promise<T> => {
      const refused = id === undefined ? undefined : this.refusal(id);
      return refused ? Promise.reject(refused) : act();
    };
    const { saveNow } = positions;
    const saveNowUnless = (dialogId: string, record: DialogRecord) => {
      const refused = this.refusal(dialogId);
      if (refused) throw refused;
      saveNow?.(dialogId, record);
    };
    return {
      ...parts,
      requests: {
        ...requests,
        // What is not a body is told by its schema. The end of a typing state takes back what was shown.
        publishEvent: (body, options) =>
          unless(isAtRest(body) ? undefined : body?.dialogId, () => requests.publishEvent(body, options)),
        updateConversationField: (body, options) =>
          unless(body?.conversationId, () => requests.updateConversationField(body, options)),
      },
      positions: {
        ...positions,
        saveNow: saveNow && saveNowUnless,
        save: (dialogId, record) => unless(dialogId, () => positions.save(dialogId, record)),
      },
    };
  }
}

function isAtRest(body: Parameters<AgentRequests['publishEvent']>[0]): boolean {
  return body?.event?.type === 'ChatStateEvent' && body.event.chatState === 'ACTIVE';
}
