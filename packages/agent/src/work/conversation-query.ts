import { ClosedError, type Stream, type StreamOptions } from '@lp/core';
import { createChannel, optionsChecker } from '@lp/core/internal';
import { Conversation } from '../conversation/conversation.ts';
import type { ConversationParts } from '../conversation/conversation-parts.ts';
import type { StoreHealth } from '../cursors/store-health.ts';
import { type ConversationFilter, fitsFilter, isAmong } from '../inbound/conversation-filter.ts';
import type { ConversationState } from '../inbound/conversation-store.ts';
import { endWithAgent } from '../inbound/lifecycle.ts';
import type { PlatformClock } from '../inbound/platform-clock.ts';
import type { DesiredState } from '../link/desired-state.ts';
import { patiently } from '../link/patiently.ts';
import { ConversationPages } from './conversation-pages.ts';

const STATES = ['OPEN', 'CLOSE', 'LOCKED'] as const;
/** A state of a conversation or of its main dialog. */
export type ConversationStateName = (typeof STATES)[number];

/** Which conversations. Without anything: all that are open and may be seen by this agent. */
export interface ConversationQuery extends StreamOptions {
  /** The state of the main dialog. */
  state?: ConversationStateName | readonly ConversationStateName[] | undefined;
  /** The state of the whole conversation, surveys included; default `OPEN` when no `state` is given. */
  stage?: ConversationStateName | readonly ConversationStateName[] | undefined;
  /** Only those in which one of these agents takes part, by PID or old id; `'me'` is this one. */
  agentIds?: string | readonly string[] | undefined;
  /** Only those of these skills. The platform does not filter by skill, so this costs as much as all. */
  skillIds?: readonly string[] | undefined;
  /** `false`: the stream ends after the conversations there are now. Default true: those that come to match follow. */
  follow?: boolean | undefined;
}

/** What taking and finding conversations needs. */
export interface WorkParts extends ConversationParts {
  readonly subscriptions: DesiredState;
  readonly platformClock: PlatformClock;
  readonly storeHealth: StoreHealth;
}

/** Conversations that match, each once, those beyond the platform's limit for one notification too. */
export function openConversations(parts: WorkParts, query: ConversationQuery): Stream<Conversation> {
  check(query);
  const { signal, capacity } = query;
  const filter = filterOf(parts, query);
  const told = new Set<string>();
  const pages = new ConversationPages(parts, filter, { keep: query.follow !== false, signal });
  const left = new AbortController();
  let unwatch: () => void = () => undefined;
  const channel = createChannel<Conversation>({
    signal,
    capacity,
    // Each is told once, so the buffer is bounded by their number.
    overflow: { latest: ({ conversationId }) => conversationId },
    onStart: () => void start(),
    onClose: () => {
      unwatch();
      release();
      left.abort();
      void pages.close();
    },
  });

  const release = endWithAgent(parts.lifetime, channel);

  function see(state: ConversationState): void {
    const { conversationId } = state;
    const fits = matches(query, filter, state);
    if (fits && !told.has(conversationId)) {
      told.add(conversationId);
      channel.push(new Conversation(parts, conversationId));
    }
    // One that has ended is not told again unless it is opened again: it need not be remembered.
    if (!fits && state.ended) told.delete(conversationId);
  }

  async function start(): Promise<void> {
    // What is known already may be of subscriptions that are gone: those that match are told again by its own.
    parts.store.doubt();
    unwatch = parts.store.onChange(see);
    try {
      await pages.first();
      // It goes on where it was.
      await patiently(parts, 'subscribeExConversations', () => pages.older(), left.signal);
      if (query.follow === false) channel.end();
    } catch (error) {
      if (ClosedError.isInstance(error)) channel.end();
      else channel.fail(error);
    }
  }

  return channel.stream;
}

/** What every stream takes is checked by the channel. */
function check(query: ConversationQuery): void {
  const checker = optionsChecker(query, 'conversations');
  checker.lists(['state', 'stage'], { values: STATES, orOne: true });
  checker.lists(['agentIds'], { orOne: true });
  checker.lists(['skillIds']);
  checker.booleans(['follow']);
  checker.known(['signal', 'capacity']);
  checker.nothingElse();
}

function filterOf(parts: WorkParts, { state, stage, agentIds }: ConversationQuery): ConversationFilter {
  const { agentId, oldId } = parts.identities;
  const ids = listOf(agentIds)?.map((id) => (id === 'me' || id === agentId ? oldId : id));
  const stages = listOf(stage) ?? (state === undefined ? (['OPEN'] as const) : undefined);
  return {
    ...(state !== undefined && { convState: [...(listOf(state) ?? [])] }),
    ...(stages !== undefined && { stage: [...stages] }),
    ...(ids !== undefined && { agentIds: [...ids] }),
  };
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] | undefined {
  return value === undefined ? undefined : ((Array.isArray(value) ? value : [value]) as readonly T[]);
}

/** Whether a conversation of the store is one that was asked for: other subscriptions bring others. */
function matches({ skillIds }: ConversationQuery, filter: ConversationFilter, state: ConversationState): boolean {
  return fitsFilter(filter, state) && isAmong(skillIds, state.details?.skillId);
}
