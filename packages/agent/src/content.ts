// `@lp/agent/content`: quick replies and structured content, built and checked. Runs in a browser.
export type { ClickAction, QuickReplies, RichContent } from '@lp/schemas';
export { link, say } from './content/actions.ts';
export type { ContentOptions } from './content/build.ts';
export { type QuickRepliesOptions, quickReplies } from './content/channel-replies.ts';
export type { Channel } from './content/channels.ts';
export {
  type ButtonOptions,
  button,
  type Card,
  type CarouselOptions,
  card,
  carousel,
  image,
  map,
  text,
} from './content/elements.ts';
export type { QuickRepliesInput, QuickReply, WrittenQuickReplies } from './content/quick-replies.ts';
