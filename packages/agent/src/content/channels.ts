/**
 * The channels whose own limits are known. What goes to a channel that is not named is checked by the platform's general
 * limits alone.
 */
export type Channel = 'web' | 'whatsapp' | 'apple' | 'rcs' | 'gbm' | 'facebook' | 'line' | 'viber';

/**
 * What a channel shows, from the vendor's validators of each channel's content; lengths are characters. Where these are
 * narrower than the vendor's own pages (what a press says, how long a link is, quick replies on Apple), the pages count.
 */
export interface ChannelLimits {
  /** Quick replies, at most. */
  readonly replies: number;
  readonly replyTitle: number;
  readonly buttonTitle: number;
  /** Actions of a button, at most. */
  readonly actions: number;
  /** The kinds of actions; undefined for all. */
  readonly kinds: readonly string[] | undefined;
  /** A text that a press says. */
  readonly says: number;
  /** The address of a link. */
  readonly link: number;
  /** Whether a press may carry an id. */
  readonly ids: boolean;
  /** Cards of a carousel, at most; 0 for a channel that has none. */
  readonly cards: number;
  /** The text that stands for a card where it cannot be shown. */
  readonly alt: number;
}

const GENERAL: ChannelLimits = {
  replies: 24,
  replyTitle: 25,
  buttonTitle: 128,
  actions: 4,
  kinds: undefined,
  says: 5000,
  link: 2048,
  ids: true,
  cards: 10,
  alt: 2000,
};
const LINKS = ['publishText', 'link'];
const PLACES = [...LINKS, 'navigate'];

const LIMITS: Readonly<Record<Channel, ChannelLimits>> = {
  web: GENERAL,
  whatsapp: {
    ...GENERAL,
    replies: 13,
    replyTitle: 20,
    buttonTitle: 20,
    actions: 1,
    kinds: ['publishText'],
    says: 20,
    ids: false,
    cards: 0,
  },
  apple: { ...GENERAL, replies: 13 },
  rcs: { ...GENERAL, replies: 11, buttonTitle: 25, kinds: PLACES },
  gbm: { ...GENERAL, replies: 13, buttonTitle: 25, actions: 2, kinds: PLACES, link: 256, cards: 13 },
  facebook: { ...GENERAL, replies: 13, replyTitle: 127, buttonTitle: 20, kinds: PLACES },
  line: { ...GENERAL, replies: 13, kinds: LINKS, alt: 1500 },
  viber: { ...GENERAL, replies: 11, buttonTitle: 25, actions: 1, kinds: LINKS },
};

export const CHANNELS = Object.keys(LIMITS) as readonly Channel[];

/** The limits of a channel; of none in particular, the general ones. */
export function limitsOf(channel: Channel | undefined): ChannelLimits {
  return channel === undefined ? GENERAL : LIMITS[channel];
}
