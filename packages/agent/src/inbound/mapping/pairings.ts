import { BoundedMap } from '@lp/core/internal';
import type { ParticipantsByRole } from '@lp/schemas';
import { areSameIds, findPairs, type Pairs } from './participants.ts';

const MOST_CONVERSATIONS = 10_000;

/** What a conversation's pairs were found from, and what they were. */
interface Pairing {
  readonly olds: ParticipantsByRole;
  readonly pids: ParticipantsByRole;
  readonly agentId: string | undefined;
  /** That of the known pairs, as it was then. */
  readonly version: number;
  readonly pairs: Pairs;
}

/**
 * The pairs of ids in each conversation, found out once and not with each notification: they stay the same until somebody
 * comes or leaves, or a pair becomes known for certain. Conversations whose ids are all known for certain take no room here.
 */
export class Pairings {
  readonly #found = new BoundedMap<string, Pairing>(MOST_CONVERSATIONS);

  /** As `findPairs`, for one conversation. */
  of(conversationId: string): typeof findPairs {
    return (details, identities) => {
      const { participants: olds, participantsPId: pids } = details;
      if (olds === undefined || Array.isArray(olds) || pids === undefined) return undefined;
      const { agentId } = identities;
      const known = this.#found.get(conversationId);
      const isSame =
        known?.version === identities.version &&
        known.agentId === agentId &&
        areSameIds(known.olds, olds) &&
        areSameIds(known.pids, pids);
      if (isSame) return known.pairs;
      const pairs = findPairs(details, identities);
      if (pairs) {
        this.#found.set(conversationId, {
          olds,
          pids,
          agentId: identities.agentId,
          version: identities.version,
          pairs,
        });
      } else if (known) this.#found.delete(conversationId);
      return pairs;
    };
  }
}
