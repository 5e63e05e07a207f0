import { clickOf } from '../consumer/click.ts';
import type { ConsumerLink, ConsumerLinks } from '../consumer/links.ts';
import { CONSUMER_FEATURES } from '../consumer/simulated-consumer.ts';
import { isObject } from '../handlers/call.ts';
import { type Conversation, type MessageEvent, Refusal } from '../platform/model.ts';
import type { Actions } from './page-api.ts';

const DEVICE = { deviceFamily: 'DESKTOP', os: 'LINUX', integration: 'WEB_SDK', features: CONSUMER_FEATURES };

/** The person at the page, who plays the account's consumers over sockets like theirs. */
export class Person {
  readonly #links: ConsumerLinks;
  readonly #open = new Map<string, Promise<ConsumerLink>>();

  constructor(links: ConsumerLinks) {
    this.#links = links;
  }

  /** A conversation of a new consumer; gives its id. */
  async start({ name, skillId, message }: Actions['start']): Promise<string> {
    const { accountId, random } = this.#links.platform;
    const consumerId = random.uuid();
    const [firstName, ...rest] = (name ?? '').trim().split(/\s+/);
    const profile = { ...(firstName ? { firstName } : {}), ...(rest.length > 0 ? { lastName: rest.join(' ') } : {}) };
    await this.#request(consumerId, 'userprofile.SetUserProfile', profile);
    const response = await this.#request(consumerId, 'cm.ConsumerRequestConversation', {
      channelType: 'MESSAGING',
      brandId: accountId,
      skillId,
      ttrDefName: 'PRIORITIZED',
    });
    const { conversationId } = response as { conversationId: string };
    if (message) await this.say({ conversationId, dialogId: conversationId, text: message });
    return conversationId;
  }

  async say({ conversationId, dialogId, text }: Actions['say']): Promise<void> {
    await this.#publish(conversationId, dialogId, { type: 'ContentEvent', contentType: 'text/plain', message: text });
  }

  async typing({ conversationId, dialogId, chatState }: Actions['typing']): Promise<void> {
    await this.#publish(conversationId, dialogId, { type: 'ChatStateEvent', chatState });
  }

  async read({ conversationId, dialogId, sequences }: Actions['read']): Promise<void> {
    const event = { type: 'AcceptStatusEvent', status: 'READ', sequenceList: sequences };
    await this.#publish(conversationId, dialogId, event);
  }

  /** Presses an element of a message. @throws Refusal when there is nothing to press. */
  async click({ conversationId, dialogId, sequence, path }: Actions['click']): Promise<void> {
    const event = this.#conversation(conversationId).events.get(dialogId)?.[sequence]?.event;
    const element = path.split('.').reduce(step, event);
    const click = isObject(element) ? clickOf(element) : undefined;
    if (!click) throw new Refusal(400, 'there is nothing to press');
    const pressed = { type: 'AcceptStatusEvent', status: 'ACTION', sequenceList: [sequence] };
    await this.#publish(conversationId, dialogId, pressed, click.metadata);
    for (const message of click.texts) {
      const said = { type: 'ContentEvent', contentType: 'text/plain', message };
      await this.#publish(conversationId, dialogId, said, click.metadata);
    }
  }

  /** Ends a dialog; the conversation's own one may be followed by a survey. */
  async close({ conversationId, dialogId }: Actions['close']): Promise<void> {
    const dialog = { dialogId, state: 'CLOSE', closedBy: 'CONSUMER' };
    await this.#request(this.#conversation(conversationId).consumerId, 'cm.UpdateConversationField', {
      conversationId,
      conversationField: [{ field: 'DialogChange', type: 'UPDATE', dialog }],
    });
  }

  async #publish(
    conversationId: string,
    dialogId: string,
    event: MessageEvent,
    metadata?: readonly object[],
  ): Promise<void> {
    const { consumerId } = this.#conversation(conversationId);
    await this.#request(consumerId, 'ms.PublishEvent', { conversationId, dialogId, event }, metadata);
  }

  #conversation(conversationId: string): Conversation {
    return this.#links.platform.conversation(conversationId);
  }

  async #request(consumerId: string, type: string, body: object, metadata?: readonly object[]): Promise<unknown> {
    const known = this.#open.get(consumerId);
    const link = await known?.catch(() => undefined);
    if (link?.open === true) return link.request(type, body, metadata);
    // The platform closes sockets that are silent for long.
    if (this.#open.get(consumerId) === known) this.#open.set(consumerId, this.#connect(consumerId));
    return ((await this.#open.get(consumerId)) as ConsumerLink).request(type, body, metadata);
  }

  #connect(consumerId: string): Promise<ConsumerLink> {
    const { consumers } = this.#links.platform;
    return this.#links.open({
      token: consumers.issueToken({ consumerId }),
      // A device that is known stays what it is.
      clientProperties: consumers.find(consumerId)?.clientProperties ?? DEVICE,
      notified: () => undefined,
      lost: () => undefined,
    });
  }
}

function step(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
