import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeEnvelope, encodeRequest, statusOf, utf8Length } from '../src/codec.ts';

describe('a request as text', () => {
  it('has kind, id and type, and only the parts that were given', () => {
    expect(JSON.parse(encodeRequest('7', { type: '.GetClock' }))).toEqual({ kind: 'req', id: '7', type: '.GetClock' });
    const frame = { type: 't', body: {}, headers: null, metadata: [{ type: 'm' }], encodedMetadata: 'x' };
    expect(JSON.parse(encodeRequest('8', frame))).toEqual({ kind: 'req', id: '8', ...frame });
  });

  it('comes back as it was, whatever the body', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(JSON.parse(encodeRequest('1', { type: 't', body }))).toStrictEqual(
          JSON.parse(JSON.stringify({ kind: 'req', id: '1', type: 't', body })),
        );
      }),
    );
  });
});

describe('a received text', () => {
  it('keeps every field of a response and of a notification', () => {
    const response = { kind: 'resp', reqId: '1', code: 200, type: 'x', body: [1], extra: { a: null } };
    expect(decodeEnvelope(JSON.stringify(response))).toEqual(response);
    const notification = { kind: 'notification', type: 'y', extra: 1 };
    expect(decodeEnvelope(JSON.stringify(notification))).toEqual(notification);
  });

  it('has its request id as text where the server sent a number', () => {
    expect(decodeEnvelope('{"kind":"resp","reqId":12,"type":"x","code":200}')).toMatchObject({ reqId: '12' });
  });

  for (const [text, reason] of [
    ['', 'notJson'],
    ['{"kind":', 'notJson'],
    ['null', 'notObject'],
    ['7', 'notObject'],
    ['"text"', 'notObject'],
    ['[{"kind":"notification"}]', 'notObject'],
    ['{}', 'unknownKind'],
    ['{"kind":"req","id":"1","type":"x"}', 'unknownKind'],
    ['{"kind":"resp","type":"x","code":200}', 'responseWithoutId'],
    ['{"kind":"resp","reqId":null}', 'responseWithoutId'],
    ['{"kind":"notification"}', 'notificationWithoutType'],
    ['{"kind":"notification","type":5}', 'notificationWithoutType'],
  ]) {
    it(`is left out as ${reason} when it is ${text}`, () => {
      expect(decodeEnvelope(text as string)).toBe(reason);
    });
  }

  it('never makes it throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['string', 'object']).toContain(typeof decodeEnvelope(text));
      }),
    );
  });
});

describe("a response's code", () => {
  for (const [code, status] of [
    [200, 200],
    [202, 202],
    [400, 400],
    ['200', 200],
    ['429', 429],
    ['OK', 200],
    ['BAD_REQUEST', 0],
    ['ok', 0],
    ['2000', 0],
    ['', 0],
    [undefined, 0],
    [null, 0],
    [{}, 0],
  ] as const) {
    it(`${JSON.stringify(code)} is status ${status}`, () => {
      expect(statusOf(code)).toBe(status);
    });
  }
});

it('counts the bytes a text has in UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
    }),
  );
});
