import { createHash } from 'node:crypto';
import type { Caller } from '../../handlers/call.ts';
import { perform } from '../../handlers/perform.ts';
import { type Conversation, type Dialog, mainDialog, Refusal } from '../../platform/model.ts';
import type { Platform } from '../../platform/platform.ts';
import { callerOf } from '../authorization.ts';
import { type Exchange, jsonBody, sendJson } from '../exchange.ts';

/** A request of the messaging REST API: who it comes from, and what it is about. */
export interface Target {
  readonly exchange: Exchange;
  readonly platform: Platform;
  readonly caller: Caller;
  /** Whether it came by the public base path, whose responses have a form of their own. */
  readonly isPublic: boolean;
  readonly conversation: Conversation;
  /** The dialog in the path, or else the main one. */
  readonly dialog: Dialog;
}

/** Who sends a request of the public form, which wants the caller's name in a header. @throws Refusal with 400 or 401. */
export function publicCaller(exchange: Exchange, platform: Platform): Caller {
  if (exchange.request.headers['client-source'] === undefined) throw new Refusal(400, 'Client-source is missing');
  const caller = callerOf(exchange, platform);
  if (!caller) throw new Refusal(401, 'The token is not valid');
  return caller;
}

function agentCaller(exchange: Exchange, platform: Platform): Caller {
  const caller = callerOf(exchange, platform);
  if (caller?.kind !== 'agent') throw new Refusal(401, 'The token is not valid');
  return caller;
}

/**
 * Reads whom and what a request is about. The public form takes consumers as well as agents.
 * @throws Refusal with 400, 401 or 404.
 */
export function targetOf(exchange: Exchange, platform: Platform, isPublic: boolean): Target {
  const { params } = exchange;
  const caller = (isPublic ? publicCaller : agentCaller)(exchange, platform);
  const conversation = platform.conversations.get(params['conversationId'] ?? '');
  const foreign = caller.kind === 'consumer' && conversation?.consumerId !== caller.consumer.id;
  if (!conversation || foreign) throw new Refusal(404, 'Conversation does not exist');
  const { dialogId } = params;
  const { meta } = conversation;
  const dialog = dialogId === undefined ? mainDialog(meta) : meta.dialogs.find((d) => d.dialogId === dialogId);
  if (!dialog) throw new Refusal(404, 'Dialog does not exist');
  return { exchange, platform, caller, isPublic, conversation, dialog };
}

/** The body of a request. @throws Refusal when it is not a JSON object. */
export function bodyOf({ exchange }: Pick<Target, 'exchange'>): Record<string, unknown> {
  const body = jsonBody(exchange);
  if (!body || Array.isArray(body)) throw new Refusal(400, 'The request is not a JSON object');
  return body;
}

/** Responds with a resource and its tag. */
export function sendResource({ exchange }: Pick<Target, 'exchange'>, resource: object, status = 200): void {
  sendJson(exchange.response, status, resource, { etag: tagOf(resource) });
}

/** @throws Refusal when the caller does not name the resource as it is now: 428 without If-Match, 412 with an old one. */
export function requireMatch({ exchange }: Target, resource: object): void {
  const given = exchange.request.headers['if-match'];
  if (given === undefined) throw new Refusal(428, 'If-Match is missing');
  if (given !== '*' && given !== tagOf(resource)) throw new Refusal(412, 'The resource has changed: read it again');
}

export function updateFields({ platform, caller, conversation }: Target, conversationField: object[]): void {
  perform(platform, caller, 'UpdateConversationField', { conversationId: conversation.id, conversationField });
}

const tagOf = (resource: object): string =>
  `"${createHash('sha1').update(JSON.stringify(resource)).digest('base64url')}"`;
