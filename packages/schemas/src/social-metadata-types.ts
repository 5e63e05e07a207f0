import type { OpenFields } from './objects.ts';

/** Who writes on a social channel. */
export interface SocialUserProfile extends OpenFields {
  /** The social channel. */
  source?: string | undefined;
  /** A picture of the person: an address of at most 2,048 characters. */
  avatarUrl?: string | undefined;
  /** The name on the channel, at most 64 characters. */
  userName?: string | undefined;
  /** The id on the page, at most 32 characters. */
  psid?: string | undefined;
  /** As the channel tells it, at most 16 characters. */
  gender?: string | undefined;
  /** Language and country, at most 8 characters. */
  locale?: string | undefined;
  /** As the channel tells it, at most 16 characters. */
  timezone?: string | undefined;
  /** The page of the person. */
  profileUrl?: string | undefined;
  /** The name shown there. */
  profileName?: string | undefined;
}

/** The thread of a conversation on a social channel. */
export interface SocialConversationMetadata extends OpenFields {
  /** `SocialMessagingConversationData`. */
  type: 'SocialMessagingConversationData';
  /** The thread on the social channel, at most 256 characters. */
  directMessagingId: string;
  /** Who writes there. */
  userProfile: SocialUserProfile;
}

/** What happened on a social channel. */
export interface SocialEvent extends OpenFields {
  /** The social channel. */
  source?: string | undefined;
  /** What happened, in the channel's own words. */
  type?: string | undefined;
  /** The post that is answered, in the channel's own form. */
  parent?: OpenFields | undefined;
}

/** Something that can be done on a social channel. */
export interface SocialAction extends OpenFields {
  /** The name of the action. */
  name?: string | undefined;
}

/** Where the talk on a social channel goes on. */
export interface SocialConversationState extends OpenFields {
  /** Public, or between the two. */
  currentChannel?: string | undefined;
  /** The thread between the two. */
  dmChatId?: string | undefined;
}

/** One event of a social channel. */
export interface SocialEventMetadata extends OpenFields {
  /** `SocialMessagingEventData`. */
  type: 'SocialMessagingEventData';
  /** What happened on the channel. */
  event?: SocialEvent | undefined;
  /** `Public`, or `Private` between the two. */
  channel?: 'Public' | 'Private' | undefined;
  /** What is answered, by the id of the channel. */
  replyToId?: string | undefined;
  /** What can be done. */
  actions?: SocialAction[] | undefined;
  /** Where the talk is. */
  conversationState?: SocialConversationState | undefined;
}
