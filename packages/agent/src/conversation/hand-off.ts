import { type Clock, ConfigError, NotInConversationError, RequestRejectedError, RequestTimeoutError } from '@lp/core';
import { abortable, createDeferred, optionsChecker } from '@lp/core/internal';
import type { EscalationSummary } from '@lp/schemas';
import { isContent } from '../inbound/content.ts';
import { briefOf, type ConversationState, type ConversationStore } from '../inbound/conversation-store.ts';
import type { ConversationField, Identities } from '../inbound/mapping/index.ts';
import type { AgentRequests } from '../link/requests.ts';
import { mayHaveArrived, type Publisher } from './confirmed-publish.ts';
import type { Inbox } from './inbox.ts';
import { dialogIdsOf } from './main-dialog.ts';
import type { Answerable } from './message-reader.ts';
import { reply } from './reply.ts';
import type { AnswerTo } from './reply-options.ts';
import type { SendGate } from './send-gate.ts';
import { SendLanes } from './send-lanes.ts';
import { backToQueueFields, transferToAgentFields, transferToSkillFields } from './transfer.ts';

/** Who gets the conversation. */
export type HandOffTarget =
  | { readonly skillId: string }
  | { readonly agentId: string; readonly skillId?: string }
  | 'queue';

/** What the receiver is told, and how the conversation is given away. */
export interface HandOffOptions {
  /** Told to the colleague: a text that the consumer does not see, or metadata of the transfer. */
  summary?: string | EscalationSummary | undefined;
  /** Said to the consumer before. */
  say?: AnswerTo | undefined;
  /** How long the platform may take to show that this agent has left, in milliseconds; default 10,000. */
  timeoutMs?: number | undefined;
}

/** What a hand-off needs. */
export interface HandOffParts extends Publisher {
  readonly gate: SendGate;
  readonly store: ConversationStore;
  readonly clock: Clock;
  readonly identities: Identities;
  readonly requests: Pick<AgentRequests, 'publishEvent' | 'updateConversationField'>;
}

/** Which conversation. */
export interface HandOffPlace {
  readonly state: ConversationState;
  readonly dialogId: string;
  readonly inbox: Inbox | undefined;
}

/** Hands a conversation off; see `Conversation.handOff`. */
export async function handOff(
  parts: HandOffParts,
  { dialogId, inbox, state }: HandOffPlace,
  to: HandOffTarget,
  options: HandOffOptions,
): Promise<void> {
  check(to, options);
  const { conversationId, details } = state;
  if (details && details.myRoles.length === 0) {
    throw new NotInConversationError(
      `this agent takes no part in conversation ${conversationId}: it cannot be handed off`,
      {
        context: { conversationId },
      },
    );
  }
  const { say, summary, timeoutMs = 10_000 } = options;
  const gate = parts.gate.shut(conversationId, dialogIdsOf(details, conversationId));
  // What it says itself passes, waits for nothing that is refused by now, and is not told to stop.
  const own: Publisher = {
    ...parts,
    lanes: new SendLanes(),
    requests: { publishEvent: gate.publishEvent },
    gate: { onShut: () => () => undefined },
  };
  try {
    await gate.settled();
    const message = (inbox?.current as Answerable | undefined) ?? (await lastMessage(parts, dialogId));
    const tell = (text: string) =>
      reply(own, message, text, { key: 'hand-off.summary', options: { audience: 'AGENTS_AND_MANAGERS' } });
    if (say !== undefined) await reply(own, message, say, { key: 'hand-off.say', options: {} });
    if (typeof summary === 'string') await tell(summary);
    await left(parts, conversationId, timeoutMs, async () => {
      const body = { conversationId, conversationField: fieldsOf(parts, state, to) };
      if (typeof summary !== 'object') return await parts.requests.updateConversationField(body);
      try {
        const metadata = [{ ...summary, type: 'EscalationSummary' }];
        return await parts.requests.updateConversationField(body, { metadata });
      } catch (error) {
        if (!RequestRejectedError.isInstance(error)) throw error;
        // It may be the metadata that was refused.
        await tell(textOf(summary));
        return await parts.requests.updateConversationField(body);
      }
    });
  } catch (error) {
    gate.open();
    throw error;
  }
  gate.leave();
  await inbox?.leave(parts.router.lastSequence(dialogId));
}

/** What a bot that works without a loop answers: the same message in every run, unless more was said. */
async function lastMessage({ history }: Publisher, dialogId: string): Promise<Answerable> {
  const [last] = await history.newest({ dialogId, count: 1 }, ({ event, isMe }) => !isMe && isContent(event));
  return { dialogId, sequence: last?.sequence ?? -1, recovered: true };
}

/** Makes the transfer, and waits until the platform has shown that this agent is not assigned any more. */
async function left(
  { clock, lifetime, store }: HandOffParts,
  conversationId: string,
  timeoutMs: number,
  transfer: () => Promise<unknown>,
): Promise<void> {
  const gone = createDeferred<void>();
  // Seen from before the request on: it may come back at once.
  const unwatch = store.watch(conversationId, (state) => {
    if (hasLeft(state)) gone.resolve();
  });
  gone.promise.catch(() => undefined);
  let timer: ReturnType<Clock['setTimer']> | undefined;
  let unknown: unknown;
  try {
    await transfer().catch((error: unknown) => {
      if (!mayHaveArrived(error)) throw error;
      // It may be shown all the same: were the gate opened now, the bot might speak to a consumer who is another's.
      unknown = error;
    });
    if (hasLeft(store.get(conversationId))) gone.resolve();
    timer = clock.setTimer(() => {
      const what = `the platform has not shown in ${timeoutMs} ms that this agent has left conversation ${conversationId}`;
      gone.reject((unknown as Error | undefined) ?? new RequestTimeoutError(what, { context: { conversationId } }));
    }, timeoutMs);
    await abortable(gone.promise, lifetime.closed);
  } finally {
    timer?.cancel();
    unwatch();
  }
}

function hasLeft(state: ConversationState): boolean {
  return state.gone || state.ended || briefOf(state)?.myRoles.includes('ASSIGNED_AGENT') === false;
}

function fieldsOf(parts: HandOffParts, { details }: ConversationState, to: HandOffTarget): ConversationField[] {
  const known = details ?? { participants: [] };
  if (to === 'queue') return backToQueueFields();
  if ('agentId' in to) return transferToAgentFields(known, to, parts);
  return transferToSkillFields(known, to.skillId);
}

function textOf(summary: EscalationSummary): string {
  const lines = Object.entries(summary).filter(([, value]) => value !== undefined);
  return lines
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');
}

function check(to: HandOffTarget, options: HandOffOptions): void {
  const checker = optionsChecker(options, 'handOff');
  checker.known(['summary', 'say', 'timeoutMs']);
  checker.nothingElse();
  const target = (typeof to === 'object' ? to : undefined) as
    | { agentId?: unknown; skillId?: unknown }
    | null
    | undefined;
  const place = optionsChecker(target ?? {}, 'handOff');
  place.known(['skillId', 'agentId']);
  place.nothingElse();
  const ids = [target?.agentId, target?.skillId].filter((id) => id !== undefined);
  if (to !== 'queue' && (ids.length === 0 || ids.some((id) => typeof id !== 'string' || id === ''))) {
    throw new ConfigError("handOff: give { skillId }, { agentId } or 'queue'");
  }
  const { say, summary, timeoutMs } = options;
  // Before anything is said: the consumer must not be told of what then fails.
  for (const [name, text] of Object.entries({ say, summary })) {
    const isMade = typeof text === 'object' ? text !== null : name === 'say' && typeof text === 'function';
    const isNothing = typeof text === 'string' ? text.trim() === '' : text !== undefined && !isMade;
    if (isNothing) throw new ConfigError(`handOff: ${name} must be a text that is not empty, or what it takes besides`);
  }
  if (timeoutMs !== undefined && !(Number.isFinite(timeoutMs) && timeoutMs > 0)) {
    throw new ConfigError('handOff: timeoutMs must be a number of milliseconds above 0');
  }
}
