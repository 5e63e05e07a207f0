import type { IncomingMessage } from 'node:http';
import { type DecodedFrame, decodeFrame, isSignedWebhook, type NotificationBody, type SchemaIssue } from '@lp/schemas';

const MAX_BYTES = 1024 * 1024;

/** What to answer a webhook, and what it says. */
export interface Receipt {
  readonly status: number;
  readonly lines: readonly string[];
}

/** Reads one webhook: its signature when there is a secret, then its body. What cannot be read is refused with its reasons. */
export async function receive(request: IncomingMessage, secret: string | undefined): Promise<Receipt> {
  const body = await readBody(request);
  if (!body) return { status: 413, lines: ['refused: too large'] };
  const signature = request.headers['x-liveperson-signature'] as string | undefined;
  if (secret && !(await isSignedWebhook({ body, signature, secret }))) {
    return { status: 401, lines: ['refused: the signature does not fit'] };
  }
  const frame = decodeFrame(body.toString());
  if (frame.kind === 'response') return { status: 400, lines: ['refused: a response is no webhook'] };
  // One bad item of several is left out; the others are good.
  const left = frame.kind === 'invalid' ? [frame] : frame.invalid;
  const read = frame.kind === 'invalid' ? [] : linesOf(frame);
  const lines = [...read, ...left.map(({ issues }) => `refused: ${issues.map(inWords).join(', ')}`)];
  return { status: left.length > 0 && read.length === 0 ? 400 : 200, lines };
}

const inWords = ({ path, expected }: SchemaIssue): string => `${path || 'the whole'} should be ${expected}`;

/** Typed by topic, whichever dialect the platform speaks; types that are not known yet are not an error. */
function linesOf(frame: Extract<DecodedFrame, { kind: 'notification' }>): string[] {
  if (frame.topic === 'messaging') {
    const changes = isList(frame.body) ? frame.body.changes : [frame.body];
    return changes.map(({ dialogId, originatorMetadata, event }) =>
      event.type === 'ContentEvent'
        ? `${dialogId} ${originatorMetadata?.role}: ${JSON.stringify(event.message)}`
        : `${dialogId} ${originatorMetadata?.role}: ${event.type}`,
    );
  }
  if (frame.topic === 'conversations') {
    return frame.body.changes.map(
      ({ type, result }) => `${result.convId} ${type} ${result.conversationDetails?.state}`,
    );
  }
  return [frame.type];
}

/** Webhooks hold a list of events, frames of the agent socket one event. */
function isList(body: object): body is NotificationBody<'ms.MessagingEventNotification'> {
  return 'changes' in body;
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
