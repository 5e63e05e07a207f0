import type { Logger } from '@lp/core';
import { type Advice, adviceOn, RequestBodySchemas, RequestMetadataSchema, type RequestName } from '@lp/schemas';

const MOST_KINDS = 256;
/** The fields of a plain text: with no others there is nothing to advise on. */
const PLAIN = new Set(['type', 'contentType', 'message']);
const WITHOUT_CONTENT = new Set(['AcceptStatusEvent', 'ChatStateEvent']);

/** Writes advice on what is sent to the log, once for each kind. `of` is what the fields belong to. */
export function createAdviceLog(logger: Logger, of: string): (advice: Advice) => void {
  const told = new Set<string>();
  return ({ path, advice }) => {
    const kind = `${path.replaceAll(/\b\d+\b/g, '*')} ${advice}`;
    if (told.has(kind) || told.size === MOST_KINDS) return;
    told.add(kind);
    logger.warn(`a field of ${of} ${advice}`, { path });
  };
}

/** Looks at a request that is about to be sent. */
export type Advise = (name: RequestName, body: unknown, metadata: unknown) => void;

/**
 * Writes to the log, once for each kind, what goes out although these packages do not know it: the platform is ahead of its
 * public schemas, so it is sent as it is, but a misspelt field would look the same.
 */
export function createAdviser(logger: Logger): Advise {
  const tell = createAdviceLog(logger, 'a message');
  return (name, body, metadata) => {
    if (metadata !== undefined && !isOwnId(metadata))
      for (const advice of adviceOn(RequestMetadataSchema, metadata)) tell(advice);
    if (name !== 'publishEvent' || isPlain((body as { event: Readonly<Record<string, unknown>> }).event)) return;
    for (const advice of adviceOn(RequestBodySchemas.publishEvent, body)) tell(advice);
  };
}

/** Whether it is the id alone that replies carry: nothing to advise on. */
function isOwnId(metadata: unknown): boolean {
  const [first, second] = metadata as readonly Readonly<Record<string, unknown>>[];
  return first?.['type'] === 'ExternalId' && second === undefined && Object.keys(first).length === 2;
}

function isPlain(event: Readonly<Record<string, unknown>>): boolean {
  if (WITHOUT_CONTENT.has(event['type'] as string)) return true;
  for (const key in event) if (!PLAIN.has(key)) return false;
  return true;
}
