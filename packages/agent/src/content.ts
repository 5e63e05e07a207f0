// `@lp/agent/content`: quick replies and structured content, built and checked. Runs in a browser.
export { link, say } from './content/actions.ts';
export type { ContentOptions } from './content/build.ts';
export type { Channel } from './content/channels.ts';
export { type ButtonOptions, button, type Card, card, carousel, image, map, text } from './content/elements.ts';
export {
  type QuickRepliesInput,
  type QuickRepliesOptions,
  type QuickReply,
  quickReplies,
  type WrittenQuickReplies,
} from './content/quick-replies.ts';
