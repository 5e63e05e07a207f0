import { nearestName, optionsChecker } from '@lp/core/internal';
import type { Frame } from '../journal.ts';
import { UNASSIGNED_SKILL } from '../platform/skills.ts';
import { SimulatedChat } from './chat.ts';
import type { ConsumerLink, ConsumerLinks } from './links.ts';
import { readConversations, readEvents } from './notifications.ts';

/**
 * Who the consumer is. Fields that are not named here go into the profile as they are, but for those that are a slip of one
 * that is, as `firstname`.
 */
export interface ConsumerProfile {
  /** The consumer's id. Default: one made from the seed. */
  consumerId?: string;
  /** The first name. */
  firstName?: string;
  /** The family name. */
  lastName?: string;
  /** The name to be called by. */
  nickName?: string;
  /** What agents see beside it. */
  privateData?: { mobileNum?: string; mail?: string; userId?: string };
  /** What the consumer's device can do. Default: all of it, `MULTI_DIALOG` for surveys included. */
  features?: readonly string[];
  [field: string]: unknown;
}

/** How a conversation begins. */
export interface StartConversation {
  /** The skill that it waits in. Default `-1`: no skill. */
  skillId?: string;
  /** Said as soon as the conversation is open. */
  message?: string;
  /** How urgent it is, as the platform names it. */
  ttrDefName?: 'NORMAL' | 'URGENT' | 'PRIORITIZED' | 'CUSTOM';
  /** Where it comes from, as the web window tells it. */
  conversationContext?: object;
  /** The campaign and the engagement that offered it. */
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

const PROFILE = ['consumerId', 'firstName', 'lastName', 'nickName', 'privateData', 'features'] as const;
const isText = (value: unknown): boolean => typeof value === 'string';
const FIRST_PAUSE_MS = 20;
const MAX_PAUSE_MS = 1_000;

/** A consumer played by a test. Talks to the platform over a consumer's socket on loopback; has one open conversation at a time. */
export class SimulatedConsumer implements AsyncDisposable {
  /** The id, the same in both id spaces. */
  readonly consumerId: string;
  readonly #links: ConsumerLinks;
  readonly #profile: object;
  readonly #features: readonly string[];
  readonly #chats: SimulatedChat[] = [];
  /** The socket, once it is set up and until it is lost. */
  #link: ConsumerLink | undefined;
  #dialing: Promise<ConsumerLink> | undefined;
  /** Ends the attempts to connect again. */
  #redial: AbortController | undefined;

  /** @internal */
  constructor(links: ConsumerLinks, profile: ConsumerProfile = {}) {
    checkProfile(profile);
    const { consumerId = links.platform.random.uuid(), features = CONSUMER_FEATURES, ...rest } = profile;
    this.consumerId = consumerId;
    this.#links = links;
    this.#profile = rest;
    this.#features = features;
    links.endings.add((error) => {
      for (const chat of this.#chats) chat.ended(error);
    });
  }

  /**
   * Opens a conversation and says `message`, when given.
   *
   * @example
   * const chat = await simulator.consumer().startConversation({ message: 'Hello' });
   * console.log((await chat.next()).text);
   *
   * @throws Error when the platform refuses it, or cannot be reached.
   */
  async startConversation(options: StartConversation = {}): Promise<SimulatedChat> {
    const check = optionsChecker(options, 'startConversation');
    check.some(['skillId', 'message', 'ttrDefName'], 'a text', isText);
    check.known(['conversationContext', 'campaignInfo']);
    check.nothingElse();
    const { message, skillId = UNASSIGNED_SKILL, ttrDefName = 'PRIORITIZED', ...rest } = options;
    const response = (await this.#request('cm.ConsumerRequestConversation', {
      channelType: 'MESSAGING',
      brandId: this.#links.platform.accountId,
      skillId,
      ttrDefName,
      ...rest,
    })) as { conversationId: string };
    const chat = this.#chat(response.conversationId);
    await chat.follow(chat.conversationId);
    if (message !== undefined) await chat.say(message);
    return chat;
  }

  /** Closes the consumer's socket. Conversations stay as they are. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#redial?.abort();
    this.#redial = undefined;
    const link = this.#link ?? (await this.#dialing?.catch(() => undefined));
    this.#link = undefined;
    link?.close();
  }

  #chat(conversationId: string): SimulatedChat {
    let chat = this.#chats.find((one) => one.conversationId === conversationId);
    if (!chat) {
      chat = new SimulatedChat({
        conversationId,
        consumerId: this.consumerId,
        request: (type, body, metadata) => this.#request(type, body, metadata),
        storeFile: (relativePath, content) => this.#links.platform.files.put(relativePath, content),
        dispose: () => this[Symbol.asyncDispose](),
      });
      this.#chats.push(chat);
    }
    return chat;
  }

  async #request(type: string, body?: object, metadata?: readonly object[]): Promise<unknown> {
    const link = this.#link?.open === true ? this.#link : await this.#connected();
    return link.request(type, body, metadata);
  }

  /** The open socket; one that is being opened is waited for, whoever opens it. @throws Error when that fails. */
  #connected(): Promise<ConsumerLink> {
    this.#dialing ??= this.#connect().finally(() => {
      this.#dialing = undefined;
    });
    return this.#dialing;
  }

  /** Opens a socket and asks for everything missed. */
  async #connect(): Promise<ConsumerLink> {
    let link: ConsumerLink | undefined;
    link = await this.#links.open({
      token: this.#links.platform.consumers.issueToken({ consumerId: this.consumerId }),
      clientProperties: { deviceFamily: 'DESKTOP', os: 'LINUX', integration: 'WEB_SDK', features: this.#features },
      notified: (frame) => this.#notified(frame),
      lost: () => this.#lost(link),
    });
    await link.request('userprofile.SetUserProfile', this.#profile);
    await link.request('cqm.SubscribeExConversations', { stage: ['OPEN', 'CLOSE'] });
    for (const chat of this.#chats) {
      for (const { dialogId, fromSeq } of chat.followed) {
        await link.request('ms.SubscribeMessagingEvents', { dialogId, fromSeq });
      }
    }
    this.#link = link;
    return link;
  }

  /** Connects again, as the device of a consumer who waits does, until the platform is back: one try at a time. */
  #lost(link: ConsumerLink | undefined): void {
    // One that was lost while it was being set up has failed, and whoever asked for it is told so.
    if (!link || this.#link !== link) return;
    this.#link = undefined;
    this.#redial?.abort();
    this.#redial = new AbortController();
    void this.#dialAgain(this.#redial.signal);
  }

  async #dialAgain(signal: AbortSignal): Promise<void> {
    for (
      let pauseMs = FIRST_PAUSE_MS;
      !signal.aborted && !this.#links.closed;
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)
    ) {
      if (await this.#connected().catch(() => undefined)) return;
      await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
    }
  }

  #notified(frame: Frame): void {
    for (const event of readEvents(frame)) {
      for (const chat of this.#chats) if (chat.owns(event.dialogId)) chat.received(event);
    }
    // What becomes of a conversation may be told in the same breath as its id, before whoever opened it goes on.
    for (const update of readConversations(frame)) this.#chat(update.conversationId).updated(update);
  }
}

function checkProfile(profile: ConsumerProfile): void {
  const checker = optionsChecker(profile, 'consumer');
  checker.texts(['consumerId']);
  checker.some(['firstName', 'lastName', 'nickName'], 'a text', isText);
  checker.objects(['privateData']);
  checker.some(['features'], 'a list of texts', (list) => Array.isArray(list) && list.every(isText));
  checker.known(Object.keys(profile).filter((name) => nearestName(name, PROFILE) === undefined));
  checker.nothingElse();
}
