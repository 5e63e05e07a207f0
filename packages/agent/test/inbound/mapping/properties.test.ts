import { describe, expect, it } from '@jest/globals';
import { type DecodedFrame, decodeFrame, NotificationSchemas, parseJson } from '@lp/schemas';
import * as fc from 'fast-check';
import { ACCOUNT, notifications, OWN } from '../../../../schemas/test/fixtures/notifications.ts';
import { Identities } from '../../../src/inbound/mapping/index.ts';
import { domainFormOf } from '../../support/domain-form.ts';

const frames = Object.values(notifications) as { type: string; body: unknown }[];

/** The domain form of a decoded frame, as an agent sees it that knows nothing else. */
const mapped = (decoded: DecodedFrame) =>
  domainFormOf(decoded, new Identities(ACCOUNT, { userId: '1001', agentId: OWN.pid }));

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [
    at,
    ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...at, Array.isArray(value) ? Number(key) : key])),
  ];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], value);
}

function withValue(value: unknown, path: Path, replacement: unknown): unknown {
  const copy = structuredClone({ value });
  const [last, ...before] = ['value', ...path].reverse();
  const parent = valueAt(copy, before.reverse()) as Record<string | number, unknown>;
  parent[last as string] = replacement;
  return copy.value;
}

/** A frame of the platform in which one value, somewhere, is another. */
const mutatedFrame = fc
  .constantFrom(...frames)
  .chain((frame) =>
    fc
      .tuple(fc.constantFrom(...pathsOf(frame)), fc.jsonValue({ maxDepth: 3 }))
      .map(([path, value]) => withValue(frame, path, value)),
  );

/** A frame of the platform with a field that no schema names, somewhere. */
const extendedFrame = fc.constantFrom(...frames).chain((frame) => {
  const objects = pathsOf(frame).filter((path) => {
    const value = valueAt(frame, path);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  });
  // A map by id or role has no field of its own: what is added there is one more entry.
  const structures = objects.filter(
    (path) => !/participants$|participantsPId$|numberOfunreadMessages$/.test(path.join('.')),
  );
  return fc
    .tuple(fc.constantFrom(...structures), fc.jsonValue({ maxDepth: 2 }))
    .map(([path, value]) => ({ frame: withValue(frame, [...path, 'zzz'], value), path: [...path, 'zzz'], value }));
});

describe('whatever comes in', () => {
  it('as JSON is decoded or reported, never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.anything({ withNullPrototype: true })), (data) => {
        expect(['notification', 'response', 'invalid']).toContain(decodeFrame(data).kind);
      }),
      { numRuns: 2000 },
    );
  });

  it('in a known envelope is decoded or reported, never thrown at', () => {
    const types = fc.constantFrom(...Object.keys(NotificationSchemas), '.ReqBody$StringResp', 'unknown.Type');
    const envelope = fc.record(
      {
        kind: fc.constantFrom('notification', 'resp', 'req', null),
        type: types,
        reqId: fc.string(),
        code: fc.jsonValue(),
        body: fc.jsonValue(),
      },
      { requiredKeys: ['kind', 'type'] },
    );
    fc.assert(
      fc.property(envelope, (data) => {
        expect(() => mapped(decodeFrame(data))).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });

  it('in a frame of the platform with one value changed is decoded or reported, never thrown at', () => {
    fc.assert(
      fc.property(mutatedFrame, (frame) => {
        const before = JSON.stringify(frame);
        const decoded = decodeFrame(frame);
        mapped(decoded);
        expect(JSON.stringify(frame)).toBe(before);
      }),
      { numRuns: 2000 },
    );
  });

  it('and is reported, is reported by place and expectation alone', () => {
    const secret = 'hunter2';
    fc.assert(
      fc.property(mutatedFrame, (frame) => {
        const text = JSON.stringify(frame).replaceAll(
          /"(message|text|note)":"[^"]*"/g,
          `"$1":{"${secret}":"${secret}"}`,
        );
        const decoded = decodeFrame(text);
        const reported =
          decoded.kind === 'invalid' ? decoded.issues : decoded.kind === 'notification' ? decoded.invalid : [];
        expect(JSON.stringify(reported)).not.toContain(secret);
      }),
      { numRuns: 500 },
    );
  });
});

describe('nothing is lost', () => {
  it('of a field that no schema names, in the frame as decoded', () => {
    fc.assert(
      fc.property(extendedFrame, ({ frame, path, value }) => {
        const decoded = decodeFrame(JSON.parse(JSON.stringify(frame)));
        expect(decoded).toMatchObject({ kind: 'notification', invalid: [] });
        const body = path[0] === 'body' ? valueAt(decoded, path) : valueAt(decoded, ['frame', ...path]);
        expect(body).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 1000 },
    );
  });

  it('of a field that no schema names, in what users see', () => {
    fc.assert(
      fc.property(extendedFrame, ({ frame, path, value }) => {
        fc.pre(path[0] === 'body' && path[1] === 'changes');
        const seen = mapped(decodeFrame(frame));
        expect(valueAt(seen, path.slice(2))).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(Object.entries(notifications))(
    'of %s: every value that was sent is among those that users see',
    (_name, frame) => {
      const decoded = decodeFrame(frame);
      const sent = leavesOf((frame.body as { changes?: unknown }).changes ?? [frame.body]);
      const seen = leavesOf(mapped(decoded));
      for (const value of sent) expect(seen).toContain(value);
    },
  );
});

function leavesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
}

describe('parseJson', () => {
  it('is JSON.parse for whatever has no integers past what is safe', () => {
    const short = fc.jsonValue().filter((value) => !/\d{17}|e[+-]/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(short, (value) => {
        expect(parseJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('keeps every integer exact and every text as it is', () => {
    const integers = fc.array(fc.bigInt({ min: 10n ** 15n, max: 10n ** 30n }));
    fc.assert(
      fc.property(
        integers,
        fc.array(fc.string({ unit: fc.constantFrom('"', '\\', ':', ',', '1', '23456789012345678') })),
        (numbers, texts) => {
          const text = `{"numbers":[${numbers.join(', ')}],"texts":${JSON.stringify(texts)}}`;
          const expected = numbers.map((number) =>
            number <= Number.MAX_SAFE_INTEGER ? Number(number) : String(number),
          );
          expect(parseJson(text)).toEqual({ numbers: expected, texts });
        },
      ),
    );
  });

  it('leaves fractions and exponents as numbers', () => {
    expect(parseJson('[1234567890123456789, 0.12345678901234567890, 15e-1234567890123456789]')).toEqual([
      '1234567890123456789',
      Number('0.12345678901234567890'),
      0,
    ]);
  });

  it('refuses what is not JSON', () => {
    for (const text of ['{"a":1234567890123456789', '[1234567890123456789,]', '{1234567890123456789:1}', 'x'])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});
