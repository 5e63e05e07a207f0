import type { Platform } from '../../platform/platform.ts';
import { type Route, route } from '../route.ts';
import { changeConsumer, openConversation } from './consumers.ts';
import { addMessage, readMessages } from './messages.ts';
import {
  addParticipant,
  changeConversation,
  changeDialog,
  readConversation,
  readDialog,
  readParticipant,
  removeParticipant,
} from './resources.ts';
import { type Target, targetOf } from './target.ts';

const CONSUMER = '/messaging/v1/consumers/:consumerId';
const CONVERSATION = '/v1/conversations/:conversationId';
const DIALOG = `${CONVERSATION}/dialogs/:dialogId`;
/** Participants and messages of a dialog; of the main one where the path names none. */
const WITHIN = `${CONVERSATION}{/dialogs/:dialogId}`;

const RESOURCES: readonly [method: string, path: string, handle: (target: Target) => void][] = [
  ['GET', CONVERSATION, readConversation],
  ['PATCH', CONVERSATION, changeConversation],
  ['GET', DIALOG, readDialog],
  ['PATCH', DIALOG, changeDialog],
  ['POST', `${WITHIN}/participants`, addParticipant],
  ['GET', `${WITHIN}/participants/:participantId`, readParticipant],
  ['DELETE', `${WITHIN}/participants/:participantId`, removeParticipant],
  ['GET', `${WITHIN}/messages`, readMessages],
  ['POST', `${WITHIN}/messages`, addMessage],
];

/** The messaging REST API: for agents at the messaging host itself, for everybody under the public base path, where consumers and their conversations begin. */
export function messagingRoutes(platform: Platform): Route[] {
  const conversations = RESOURCES.flatMap(([method, path, handle]) => [
    route(method, path, (exchange) => handle(targetOf(exchange, platform, false))),
    route(method, `/messaging${path}`, (exchange) => handle(targetOf(exchange, platform, true))),
  ]);
  return [
    ...conversations,
    route('PUT', CONSUMER, (exchange) => changeConsumer(exchange, platform)),
    route('POST', `${CONSUMER}/conversations`, (exchange) => openConversation(exchange, platform)),
  ];
}
