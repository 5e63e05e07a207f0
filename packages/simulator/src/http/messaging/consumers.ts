import { perform } from '../../handlers/perform.ts';
import { mainDialog, Refusal } from '../../platform/model.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Exchange } from '../exchange.ts';
import { conversationResource } from './resources.ts';
import { bodyOf, publicCaller, sendResource } from './target.ts';

/** Tells the platform who a consumer is. */
export function changeConsumer(exchange: Exchange, platform: Platform): void {
  const caller = selfOf(exchange, platform);
  perform(platform, caller, 'SetUserProfile', bodyOf({ exchange }));
  const profile = perform(platform, caller, 'GetUserProfile', {}) as object;
  sendResource({ exchange }, { ...profile, id: caller.consumer.id });
}

/** Opens a conversation of a consumer. */
export function openConversation(exchange: Exchange, platform: Platform): void {
  const caller = selfOf(exchange, platform);
  const opened = perform(platform, caller, 'ConsumerRequestConversation', bodyOf({ exchange }));
  const conversation = platform.conversation((opened as { conversationId: string }).conversationId);
  const dialog = mainDialog(conversation.meta);
  const target = { exchange, platform, caller, isPublic: true, conversation, dialog };
  sendResource(target, conversationResource(target), 201);
}

/** The consumer in the path, who is the one of the token. @throws Refusal with 400, 401 or 404. */
function selfOf(exchange: Exchange, platform: Platform) {
  const caller = publicCaller(exchange, platform);
  if (caller.kind === 'agent') throw new Refusal(401, 'Only consumers, and who acts for them, may send this request');
  if (caller.consumer.id !== exchange.params['consumerId']) throw new Refusal(404, 'Consumer does not exist');
  return caller;
}
