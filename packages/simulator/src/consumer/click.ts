import { isObject } from '../handlers/call.ts';
import type { MessageEvent } from '../platform/model.ts';

/** What a press on an element does. */
export interface Click {
  readonly metadata: readonly object[];
  /** The texts the consumer says by it. */
  readonly texts: readonly string[];
}

/** The press on the element of this title in a message's quick replies or structured content; undefined when there is none. */
export function findClick(event: MessageEvent, title: string): Click | undefined {
  return search(event['quickReplies'], title) ?? search(event['content'], title);
}

/** The titles of everything that can be pressed, for messages to people. */
export function clickable(event: MessageEvent): string[] {
  const found: string[] = [];
  walk([event['quickReplies'], event['content']], (element) => {
    if (isObject(element['click'])) found.push(String(titleOf(element)));
  });
  return found;
}

function search(root: unknown, title: string): Click | undefined {
  let found: Click | undefined;
  walk(root, (element) => {
    if (titleOf(element) === title) found ??= clickOf(element);
  });
  return found;
}

/** What a press on this element does; undefined when it cannot be pressed. */
export function clickOf(element: Record<string, unknown>): Click | undefined {
  if (!isObject(element['click'])) return undefined;
  const { actions, metadata } = element['click'];
  const texts = (Array.isArray(actions) ? actions : []).flatMap((action: unknown) =>
    isObject(action) && action['type'] === 'publishText' ? String(action['text']) : [],
  );
  return { metadata: (Array.isArray(metadata) ? metadata : []).filter(isObject), texts };
}

const titleOf = (element: Record<string, unknown>): unknown =>
  element['title'] ?? element['text'] ?? element['caption'];

function walk(value: unknown, visit: (element: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit);
  if (!isObject(value)) return;
  visit(value);
  for (const key of ['replies', 'elements']) walk(value[key], visit);
}
