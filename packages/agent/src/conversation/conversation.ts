import { ConfigError, type Stream, type StreamOptions } from '@lp/core';
import { createChannel } from '@lp/core/internal';
import type { ChatStateEvent, PublishableEvent, RichContent, Role } from '@lp/schemas';
import { type DialogParts, type DialogStreamOptions, openDialogStream, type Start } from '../dialog/dialog-stream.ts';
import type { Gap } from '../dialog/index.ts';
import { isContent } from '../inbound/content.ts';
import type { ConversationState } from '../inbound/conversation-store.ts';
import { endWithAgent } from '../inbound/lifecycle.ts';
import type {
  ConversationChange,
  ConversationDetails,
  Identity,
  IdentityDirectory,
  MessagingEvent,
} from '../inbound/mapping/index.ts';
import type { Router } from '../inbound/router.ts';
import type { RequestOptions } from '../link/request-options.ts';
import type { AgentRequests } from '../link/requests.ts';
import type { UserProfile } from '../link/user-profile.ts';
import type { Publisher } from './confirmed-publish.ts';
import { checkFile, type FileData, type FileParts, fetchFile, storeFile } from './files.ts';
import type { Message } from './message.ts';
import { MessageStream } from './message-stream.ts';
import { type SendOptions, sendEvent } from './sending.ts';
import { type Field, transferToAgentFields, transferToSkillFields } from './transfer.ts';
import { withTyping } from './typing.ts';

/** Which messages, from where. */
export interface MessagesOptions extends StreamOptions {
  /** Whose messages: the consumer's, everybody's but this agent's, or all. Default `others`. */
  from?: 'consumer' | 'others' | 'all' | undefined;
  /** Default `unhandled`. */
  start?: Start | undefined;
  /** Default: the main dialog, whatever other dialogs (surveys, co-browsing) are open. */
  dialogId?: string | undefined;
}

/** Somebody began or stopped typing, or came or went. */
export type ChatStateChange = MessagingEvent & { readonly chatState: ChatStateEvent['chatState'] };

const SENDERS = ['consumer', 'others', 'all'];

/** A role that can be taken. */
export type JoinRole = 'MANAGER' | 'READER' | 'ASSIGNED_AGENT' | 'AGENT' | 'CONTROLLER';

/** What conversations are made of. */
export interface ConversationParts extends DialogParts, Publisher, FileParts {
  readonly requests: AgentRequests;
  readonly router: Router;
  readonly identity: Identity;
  readonly directory: IdentityDirectory;
}

/** One conversation: what is known of it, what happens in it, and what can be done in it. */
export class Conversation {
  readonly conversationId: string;
  readonly #parts: ConversationParts;
  readonly #streams: Set<Stream<unknown>> | undefined;
  #state: ConversationState;

  /** @internal Use `agent.conversation(id)`. With `streams`, every stream opened through this object is noted there. */
  constructor(parts: ConversationParts, conversationId: string, streams?: Set<Stream<unknown>>) {
    this.conversationId = conversationId;
    this.#parts = parts;
    this.#streams = streams;
    this.#state = parts.store.get(conversationId);
  }

  /**
   * The newest the platform has told of it. Empty but for the id until a subscription covers the conversation; stays at
   * the last known when none does any more.
   */
  get details(): ConversationDetails {
    return this.#current().details ?? unknownDetails(this.conversationId);
  }

  /** What this agent is in it: undefined for somebody who takes no part. A suggested agent takes no part yet. */
  get myRole(): Role | undefined {
    return this.details.myRole;
  }

  /** The consumer's id, the same in both id spaces; undefined while nothing is known of it. */
  get consumerId(): string | undefined {
    const consumer = this.details.participants.find(({ role }) => role === 'CONSUMER');
    return consumer?.userId ?? consumer?.id;
  }

  /** What is said in it, in order, each once, across reconnects; see docs/streams.md. Ends when the dialog has ended. */
  messages(options: MessagesOptions = {}): Stream<Message> {
    const { capacity, from = 'others', signal, start = 'unhandled' } = options;
    if (!SENDERS.includes(from)) throw new ConfigError(`messages: from must be one of ${SENDERS.join(', ')}`);
    const dialogId = options.dialogId ?? this.#mainDialogId();
    const source: DialogStreamOptions = {
      capacity,
      signal,
      dialogId,
      start,
      state: () => this.#current(),
      accept: (event) => isContent(event.event) && event.sequence !== undefined && this.#isFrom(from, event),
    };
    return this.#note(new MessageStream(this.#parts, this.conversationId, source));
  }

  /** Everything that happens in a dialog (content, receipts, typing), in order, each once; a hole that cannot be filled is a {@link Gap}. */
  events(options: Omit<MessagesOptions, 'from'> = {}): Stream<MessagingEvent | Gap> {
    const { start = 'unhandled', ...rest } = options;
    const dialogId = options.dialogId ?? this.#mainDialogId();
    return this.#note(openDialogStream(this.#parts, { ...rest, dialogId, start, state: () => this.#current() }));
  }

  /** Every change of it from now on. Under pressure only the newest is kept: each holds the whole conversation. */
  changes(options: StreamOptions = {}): Stream<ConversationChange> {
    const channel = createChannel<ConversationChange>({
      capacity: 64,
      ...options,
      overflow: { latest: () => this.conversationId },
      onClose: () => {
        unwatch();
        release();
      },
    });
    const unwatch = this.#parts.store.watch(this.conversationId, (_, change) => channel.push(change));
    const release = endWithAgent(this.#parts.lifetime, channel);
    return this.#note(channel.stream);
  }

  /** Who of the others types in a dialog, by default the main one, from now on. The oldest are dropped under pressure. */
  typing(options: StreamOptions & { dialogId?: string } = {}): Stream<ChatStateChange> {
    const channel = createChannel<ChatStateChange>({
      capacity: 16,
      ...options,
      overflow: 'drop-oldest',
      onClose: () => {
        detach();
        release();
      },
    });
    const release = endWithAgent(this.#parts.lifetime, channel);
    const detach = this.#parts.router.attach(options.dialogId ?? this.#mainDialogId(), {
      live: (event) => {
        const { chatState } = event.event as ChatStateEvent;
        if (event.event.type === 'ChatStateEvent' && !event.isMe) channel.push({ ...event, chatState });
      },
      hint: () => undefined,
    });
    return this.#note(channel.stream);
  }

  /** Says a text of at most 8,000 characters. */
  send(text: string, options?: SendOptions): Promise<{ sequence: number }> {
    const quickReplies = options?.quickReplies;
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: text } as const;
    return this.#publish(quickReplies ? { ...event, quickReplies } : event, options);
  }

  /** Shows structured content of at most 15,000 characters of JSON. */
  sendRichContent(content: RichContent, options?: SendOptions): Promise<{ sequence: number }> {
    const quickReplies = options?.quickReplies;
    const event = { type: 'RichContentEvent', content } as const;
    return this.#publish(quickReplies ? { ...event, quickReplies } : event, options);
  }

  /** Says a text that the brand's own people see, and the consumer does not. */
  sendPrivate(text: string, options: SendOptions = {}): Promise<{ sequence: number }> {
    return this.send(text, { ...options, audience: 'AGENTS_AND_MANAGERS' });
  }

  /** Shows the others that this agent writes (`COMPOSING`), pauses or is there. */
  async setTyping(chatState: 'ACTIVE' | 'INACTIVE' | 'GONE' | 'COMPOSING' | 'PAUSE'): Promise<void> {
    await this.#publish({ type: 'ChatStateEvent', chatState });
  }

  /** Tells the others that this agent has read these messages of the main dialog. */
  markRead(sequences: number | readonly number[]): Promise<void> {
    return this.#acknowledge('READ', sequences);
  }

  /** Tells the others that this agent has received these messages of the main dialog. */
  markAccepted(sequences: number | readonly number[]): Promise<void> {
    return this.#acknowledge('ACCEPT', sequences);
  }

  /** Shows `COMPOSING` while `work` runs, repeats it, and clears it however that ends. Gives what `work` gives. */
  withTyping<T>(work: () => Promise<T>): Promise<T> {
    return withTyping(this.#parts.clock, (chatState) => this.setTyping(chatState), work);
  }

  /** Takes part. Default: as `MANAGER`. With `dialogId` in that dialog, as a survey bot does as `AGENT`. */
  join(role: JoinRole = 'MANAGER', options: { dialogId?: string } = {}): Promise<string> {
    return this.update({ field: 'ParticipantsChange', type: 'ADD', role, ...options });
  }

  /** Takes part no more, in whatever roles it had; as `MANAGER` when none is known. */
  leave(): Promise<string> {
    const { myRoles } = this.details;
    const roles = (myRoles.length > 0 ? myRoles : ['MANAGER']) as JoinRole[];
    return this.update(roles.map((role) => ({ field: 'ParticipantsChange', type: 'REMOVE', role })));
  }

  /** Gives the conversation back to its queue. */
  backToQueue(): Promise<string> {
    return this.update({ field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' });
  }

  /** Sends the conversation to the queue of a skill; the assigned agent leaves it. */
  transferToSkill(skillId: string): Promise<string> {
    return this.update(transferToSkillFields(this.details, skillId));
  }

  /** Offers the conversation to another agent, by PID or old id; the assigned agent leaves it. With `skillId` it changes its skill too. */
  transferToAgent(agentId: string, options: { skillId?: string } = {}): Promise<string> {
    return this.update(transferToAgentFields(this.details, { agentId, ...options }, this.#parts));
  }

  /** Replaces the conversation's note, at most 5,000 characters. */
  setNote(note: string): Promise<string> {
    return this.update({ field: 'Note', note });
  }

  /** Sets how soon an answer is due: by name, or `CUSTOM` with a number of seconds. */
  setTtr(
    ttr: { ttrType: 'URGENT' | 'NORMAL' | 'PRIORITIZED' } | { ttrType: 'CUSTOM'; value: number },
  ): Promise<string> {
    return this.update({ field: 'TTRField', ...ttr });
  }

  /** Resolves the conversation: closes everything, without a survey. */
  close(): Promise<string> {
    return this.update({ field: 'ConversationStateField', conversationState: 'CLOSE' });
  }

  /** Closes one dialog; for the main one, a survey follows where the account has one. `why` is kept with the dialog. */
  closeDialog(
    dialogId: string = this.#mainDialogId(),
    why: { closedBy?: 'AGENT' | 'CONSUMER' | 'SYSTEM'; closedCause?: string } = {},
  ): Promise<string> {
    return this.update({ field: 'DialogChange', type: 'UPDATE', dialog: { dialogId, state: 'CLOSE', ...why } });
  }

  /** Makes any changes of the conversation in one request: all of them, or none when one is refused. */
  update(conversationField: Field | Field[], options?: RequestOptions): Promise<string> {
    const { conversationId } = this;
    return this.#parts.requests.updateConversationField({ conversationId, conversationField }, options);
  }

  /** The consumer's profile. @throws ConfigError while nothing is known of who the consumer is. */
  async consumer(options?: RequestOptions): Promise<UserProfile> {
    const { consumerId } = this;
    if (consumerId === undefined) {
      throw new ConfigError('the consumer is not known: subscribe to the conversation first');
    }
    return await this.#parts.requests.getUserProfile(consumerId, options);
  }

  /** Sends a file of at most 5 MB. @throws ConfigError for a type or a size the platform does not take, before anything is sent. */
  async uploadFile(
    data: FileData,
    file: { fileType: string; caption?: string; preview?: string } & SendOptions,
  ): Promise<{ sequence: number; relativePath: string }> {
    if (typeof file?.fileType !== 'string') throw new ConfigError('uploadFile: fileType must be a text such as PNG');
    const { fileType: givenType, caption, preview, ...options } = file;
    const { bytes, fileType } = await checkFile(data, givenType);
    const relativePath = await storeFile(this.#parts, { bytes, fileType }, options);
    const message = {
      relativePath,
      fileType,
      ...(caption !== undefined && { caption }),
      ...(preview !== undefined && { preview }),
    };
    const { sequence } = await this.#publish({ type: 'ContentEvent', contentType: 'hosted/file', message }, options);
    return { sequence, relativePath };
  }

  /** The bytes of a file that was published in a conversation: `relativePath` stands in its event. */
  downloadFile(relativePath: string, options?: RequestOptions): Promise<Uint8Array> {
    return fetchFile(this.#parts, relativePath, options);
  }

  #publish(event: PublishableEvent, options?: SendOptions): Promise<{ sequence: number }> {
    return sendEvent(this.#parts, this.#mainDialogId(), event, options);
  }

  async #acknowledge(status: 'READ' | 'ACCEPT', sequences: number | readonly number[]): Promise<void> {
    await this.#publish({ type: 'AcceptStatusEvent', status, sequenceList: [sequences].flat() });
  }

  #isFrom(from: 'consumer' | 'others' | 'all', event: MessagingEvent): boolean {
    if (from === 'all') return true;
    if (from === 'consumer') return event.originatorMetadata?.role === 'CONSUMER';
    return !event.isMe;
  }

  /** The main dialog has the conversation's own id, unless the platform says otherwise. */
  #mainDialogId(): string {
    return this.details.dialogs.find((dialog) => dialog.dialogType === 'MAIN')?.dialogId ?? this.conversationId;
  }

  #current(): ConversationState {
    const current = this.#parts.store.get(this.conversationId);
    if (current.details) this.#state = current;
    return this.#state;
  }

  #note<S extends Stream<unknown>>(stream: S): S {
    const streams = this.#streams;
    if (streams) {
      streams.add(stream);
      void stream.closed.then(() => streams.delete(stream));
    }
    return stream;
  }
}

function unknownDetails(convId: string): ConversationDetails {
  return {
    convId,
    participants: [],
    participantsByRole: undefined,
    dialogs: [],
    myRoles: [],
    myRole: undefined,
    mySuggestedRoles: [],
  };
}
