import type { Frame } from '../journal.ts';
import { UNASSIGNED_SKILL } from '../platform/skills.ts';
import { SimulatedChat } from './chat.ts';
import type { ConsumerLink, ConsumerLinks } from './links.ts';
import { readConversations, readEvents } from './notifications.ts';

/** Who the consumer is. Fields that are not named here go into the profile as they are. */
export interface ConsumerProfile {
  /** The consumer's id; made from the seed by default. */
  consumerId?: string;
  firstName?: string;
  lastName?: string;
  nickName?: string;
  privateData?: { mobileNum?: string; mail?: string; userId?: string };
  /** What the consumer's device can do; by default all of it, `MULTI_DIALOG` for surveys included. */
  features?: readonly string[];
  [field: string]: unknown;
}

export interface StartConversation {
  /** Default `-1`: no skill. */
  skillId?: string;
  /** Said as soon as the conversation is open. */
  message?: string;
  ttrDefName?: 'NORMAL' | 'URGENT' | 'PRIORITIZED' | 'CUSTOM';
  conversationContext?: object;
  campaignInfo?: { campaignId: number; engagementId: number };
}

/** What a consumer's device can do: all of it, surveys included. */
export const CONSUMER_FEATURES = [
  'PHOTO_SHARING',
  'QUICK_REPLIES',
  'AUTO_MESSAGES',
  'MULTI_DIALOG',
  'FILE_SHARING',
  'RICH_CONTENT',
];

const RETRY_MS = 20;

/** A consumer played by a test. Talks to the platform over a consumer's socket on loopback; has one open conversation at a time. */
export class SimulatedConsumer implements AsyncDisposable {
  readonly consumerId: string;
  readonly #links: ConsumerLinks;
  readonly #profile: object;
  readonly #features: readonly string[];
  readonly #chats = new Map<string, SimulatedChat>();
  #link: Promise<ConsumerLink> | undefined;

  constructor(links: ConsumerLinks, profile: ConsumerProfile = {}) {
    const { consumerId = links.platform.random.uuid(), features = CONSUMER_FEATURES, ...rest } = profile;
    this.consumerId = consumerId;
    this.#links = links;
    this.#profile = rest;
    this.#features = features;
  }

  /** Opens a conversation and says `message`, when given. @throws Error when the platform refuses it. */
  async startConversation(options: StartConversation = {}): Promise<SimulatedChat> {
    const { message, skillId = UNASSIGNED_SKILL, ttrDefName = 'PRIORITIZED', ...rest } = options;
    const answer = (await this.#request('cm.ConsumerRequestConversation', {
      channelType: 'MESSAGING',
      brandId: this.#links.platform.accountId,
      skillId,
      ttrDefName,
      ...rest,
    })) as { conversationId: string };
    const chat = this.#chat(answer.conversationId);
    await chat.follow(chat.conversationId);
    if (message !== undefined) await chat.say(message);
    return chat;
  }

  /** Closes the consumer's socket. Conversations stay as they are. */
  async [Symbol.asyncDispose](): Promise<void> {
    const link = await this.#link?.catch(() => undefined);
    this.#link = undefined;
    link?.close();
  }

  #chat(conversationId: string): SimulatedChat {
    let chat = this.#chats.get(conversationId);
    if (!chat) {
      chat = new SimulatedChat({
        conversationId,
        consumerId: this.consumerId,
        request: (type, body, metadata) => this.#request(type, body, metadata),
        storeFile: (relativePath, content) => this.#links.platform.files.put(relativePath, content),
        dispose: () => this[Symbol.asyncDispose](),
      });
      this.#chats.set(conversationId, chat);
    }
    return chat;
  }

  async #request(type: string, body?: object, metadata?: readonly object[]): Promise<unknown> {
    const link = await this.#connected();
    return link.request(type, body, metadata);
  }

  /** The open socket, made anew when the last one was lost; then everything missed is asked for. */
  async #connected(): Promise<ConsumerLink> {
    const current = this.#link;
    const link = await current?.catch(() => undefined);
    if (link?.open === true) return link;
    // Several calls may find it lost at the same time: the first one connects for all.
    if (this.#link === current) this.#link = this.#connect();
    return (this.#link ??= this.#connect());
  }

  async #connect(): Promise<ConsumerLink> {
    const link = await this.#links.open({
      token: this.#links.platform.consumers.issueToken({ consumerId: this.consumerId }),
      clientProperties: { deviceFamily: 'DESKTOP', os: 'LINUX', integration: 'WEB_SDK', features: this.#features },
      notified: (frame) => this.#notified(frame),
      lost: () => this.#lost(),
    });
    await link.request('userprofile.SetUserProfile', this.#profile);
    await link.request('cqm.SubscribeExConversations', { stage: ['OPEN', 'CLOSE'] });
    for (const chat of this.#chats.values()) {
      for (const { dialogId, fromSeq } of chat.followed) {
        await link.request('ms.SubscribeMessagingEvents', { dialogId, fromSeq });
      }
    }
    return link;
  }

  /** Connects again, as the device of a consumer who waits does, until the platform is back. */
  #lost(): void {
    const link = this.#connect();
    this.#link = link;
    const retry = () => {
      if (this.#link === link && !this.#links.closed) this.#lost();
    };
    link.catch(() => setTimeout(retry, RETRY_MS).unref());
  }

  #notified(frame: Frame): void {
    for (const event of readEvents(frame)) {
      for (const chat of this.#chats.values()) if (chat.owns(event.dialogId)) chat.received(event);
    }
    for (const update of readConversations(frame)) this.#chats.get(update.conversationId)?.updated(update);
  }
}
