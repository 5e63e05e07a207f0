/**
 * The channels whose own limits are known. What goes to a channel that is not named is checked by the platform's general
 * limits alone.
 */
export type Channel = 'web' | 'whatsapp' | 'apple' | 'rcs' | 'gbm' | 'facebook' | 'line' | 'viber';

/** How much of each a channel shows. What stands nowhere is not limited beyond the general limits. */
export interface ChannelLimits {
  /** Quick replies, and the characters of the title of one. */
  readonly replies: number;
  readonly replyTitle: number;
  /** Characters of a button's title, and how many actions it may have. */
  readonly buttonTitle: number;
  readonly actions: number;
  /** Characters of a text in a card. */
  readonly text: number;
  /** Cards of a carousel. */
  readonly cards: number;
}

const GENERAL: ChannelLimits = { replies: 24, replyTitle: 25, buttonTitle: 128, actions: 4, text: 5000, cards: 10 };

/** From the vendor's validators of each channel's content; of the general limits what every channel takes. */
const LIMITS: Readonly<Record<Channel, ChannelLimits>> = {
  web: GENERAL,
  whatsapp: { ...GENERAL, replies: 13, replyTitle: 20, buttonTitle: 20, actions: 1, text: 924 },
  apple: { ...GENERAL, replies: 13 },
  rcs: { ...GENERAL, replies: 11, buttonTitle: 25, text: 640 },
  gbm: { ...GENERAL, replies: 13, actions: 2, text: 2000, cards: 13 },
  facebook: { ...GENERAL, replies: 13, replyTitle: 127, text: 640 },
  line: { ...GENERAL, replies: 13, text: 120 },
  viber: { ...GENERAL, replies: 11, buttonTitle: 25, actions: 1, text: 640 },
};

export const CHANNELS = Object.keys(LIMITS) as readonly Channel[];

/** The limits of a channel; of none in particular, the general ones. */
export function limitsOf(channel: Channel | undefined): ChannelLimits {
  return channel === undefined ? GENERAL : LIMITS[channel];
}
