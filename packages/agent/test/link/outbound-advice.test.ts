import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { createCall, createRawRequest } from '../../src/link/call.ts';
import { createAdviser } from '../../src/link/outbound-advice.ts';

const identity = { accountId: 'a', userId: '1', oldId: 'a.1', agentId: 'pid-1' };

/** A call whose requests all succeed, with what it writes to the log. */
function publisher() {
  const warnings: [string, unknown][] = [];
  const sent: unknown[] = [];
  const logger = {
    debug() {},
    info() {},
    error() {},
    warn: (message: string, facts?: object) => warnings.push([message, facts]),
  };
  const request = (async (frame: never, options: { read: (response: object) => unknown }) => {
    sent.push(frame);
    return options.read({ kind: 'resp', reqId: '1', code: 200, type: 'T', body: { sequence: 1 } });
  }) as never;
  const call = createCall(createRawRequest(request, []), identity, () => {}, createAdviser(logger as never));
  const publish = (event: object, options?: object) =>
    call('publishEvent', { dialogId: 'd', event: event as never }, options);
  return { publish, sent, warnings };
}

const unknown = 'a field of a message is not known here and goes out as it is';
const rich = (...elements: object[]) => ({ type: 'RichContentEvent', content: { type: 'vertical', elements } });

describe('what a message says that is not known here', () => {
  it('goes out as it is and is told once for each kind, by its place', async () => {
    const { publish, sent, warnings } = publisher();
    const event = rich(
      { type: 'text', text: 'a', aura: 1 },
      { type: 'text', text: 'b', aura: 2 },
      { type: 'hologram' },
    );
    await publish(event);
    await publish(event);
    expect(sent[0]).toMatchObject({ body: { event } });
    expect(warnings).toEqual([
      [unknown, { path: 'event.content.elements.0.aura' }],
      [unknown, { path: 'event.content.elements.2.type' }],
    ]);
  });

  it('is told of metadata beside the message too', async () => {
    const { publish, warnings } = publisher();
    await publish(
      { type: 'ContentEvent', contentType: 'text/plain', message: 'hi' },
      { metadata: [{ type: 'Gossip' }] },
    );
    expect(warnings).toEqual([[unknown, { path: '0.type' }]]);
  });

  it.each([
    ['a text', { type: 'ContentEvent', contentType: 'text/plain', message: 'hi' }],
    ['a read mark', { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [1] }],
    ['a known card', rich({ type: 'text', text: 'a', blockSCWhenNotLastMsg: true })],
  ])('is nothing in %s', async (_name, event) => {
    const { publish, warnings } = publisher();
    await publish(event);
    expect(warnings).toEqual([]);
  });

  it('fills no memory, however many kinds there are', async () => {
    const { publish, warnings } = publisher();
    for (let n = 0; n < 400; n++)
      await publish(rich({ type: 'text', text: 'a', [`field${String.fromCodePoint(200 + n)}`]: 1 }));
    expect(warnings).toHaveLength(256);
  });
});

describe('encoded metadata', () => {
  it.each(['not base64!', 'A'.repeat(5124), ''])(
    'that the platform would drop is refused before it is sent: %#',
    async (encodedMetadata) => {
      const { publish, sent } = publisher();
      const sending = publish({ type: 'ContentEvent', contentType: 'text/plain', message: 'hi' }, { encodedMetadata });
      await expect(sending).rejects.toThrow(ConfigError);
      await expect(sending).rejects.toThrow('base64 of 1 to 5120 characters');
      expect(sent).toEqual([]);
    },
  );
});
