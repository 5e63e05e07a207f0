import type { RawPlatform } from './raw-dialogs.ts';

/** An offer as the platform keeps it. */
export interface RawRing {
  readonly ringId: string;
  readonly conversationId: string;
  state: string;
  /** In milliseconds since 1970. */
  readonly expires: number;
}

/** The rings of a {@link RawPlatform}: each answer is taken, and its end is told, unless a test hooks `UpdateRingState`. */
export class RawRings {
  /** What was answered, as `a: ACCEPTED`. */
  readonly answers: string[] = [];
  /** Whether the end of a ring is told. */
  tellsEnds = true;
  readonly #platform: RawPlatform;
  readonly #rings = new Map<string, RawRing>();

  /** `fail` gives the code of what an answer gets instead. */
  constructor(platform: RawPlatform, fail: (ring: RawRing, answer: string) => number | undefined = () => undefined) {
    this.#platform = platform;
    platform.hooks.set('UpdateRingState', ({ body: { ringId = '', ringState = '' } }) => {
      const ring = this.#rings.get(ringId);
      this.answers.push(`${ringId}: ${ringState}`);
      const code = ring && fail(ring, ringState);
      if (code !== undefined) return { code };
      if (ring?.state !== 'WAITING') return { code: 400 };
      ring.state = ringState;
      return { after: () => this.#end(ring) };
    });
  }

  /** Offers a conversation that is nobody's, under its own id. */
  ring(conversationId: string, { expires = Date.now() + 72_000 } = {}): RawRing {
    const ring = { ringId: conversationId, conversationId, state: 'WAITING', expires };
    this.#rings.set(conversationId, ring);
    this.tell([ring]);
    return ring;
  }

  /** Offers so many in one notification; `together`, in one change of it. */
  ringAll(conversationIds: readonly string[], { together = false } = {}): void {
    const expires = Date.now() + 72_000;
    const rings = conversationIds.map((id) => ({ ringId: id, conversationId: id, state: 'WAITING', expires }));
    for (const ring of rings) this.#rings.set(ring.ringId, ring);
    this.#tellEach(together ? [rings] : rings.map((ring) => [ring]), 'UPSERT');
  }

  /** Tells of rings as they are. */
  tell(rings: readonly RawRing[], type: 'UPSERT' | 'DELETE' = 'UPSERT'): void {
    this.#tellEach(
      rings.map((ring) => [ring]),
      type,
    );
  }

  #tellEach(groups: readonly (readonly RawRing[])[], type: 'UPSERT' | 'DELETE'): void {
    const changes = groups.map((rings) => {
      const ringsDetails = rings.map(({ ringId, conversationId, state, expires }) => {
        return { ringId, ringState: state, convId: conversationId, ringExpirationTs: expires, weight: 1 };
      });
      const [first] = rings;
      const conversationId = first?.conversationId;
      return { type, result: { conversationId, consumerId: 'consumer', skillId: '-1', ringsDetails } };
    });
    this.#platform.notify('.ams.routing.RoutingTaskNotification', { subscriptionId: 's', changes });
  }

  #end(ring: RawRing): void {
    if (this.tellsEnds) this.tell([ring], 'DELETE');
    const conversation = this.#platform.conversations.get(ring.conversationId);
    if (ring.state !== 'ACCEPTED' || !conversation) return;
    conversation.mine = true;
    this.#platform.tell(conversation);
  }
}
