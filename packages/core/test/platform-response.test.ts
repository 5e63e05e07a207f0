import { describe, expect, it } from '@jest/globals';
import {
  doubt,
  isBelieved,
  isPage,
  isPlatformError,
  type Judgement,
  judgeResponse,
  type SeenResponse,
  wordsOf,
} from '@lp/core/internal';

const html = { contentType: 'text/html; charset=utf-8', isPlatforms: false };
const json = { contentType: 'application/json', isPlatforms: true };
const bare = { isPlatforms: false };

describe('who has responded', () => {
  for (const [response, judgement] of [
    [{ status: 200, ...json }, 'success'],
    [{ status: 200, ...bare }, 'success'],
    [{ status: 200, ...html }, 'inTheWay'],
    ...[201, 202, 203, 204, 206, 299].map((status): [SeenResponse, Judgement] => [{ status, ...bare }, 'inTheWay']),
    [{ status: 200, text: '  <!DOCTYPE html>', isPlatforms: false }, 'inTheWay'],
    [{ status: 301, ...json }, 'inTheWay'],
    [{ status: 302, ...bare }, 'inTheWay'],
    [{ status: 304, ...bare }, 'inTheWay'],
    [{ status: 307, ...html }, 'inTheWay'],
    [{ status: 407, ...json }, 'inTheWay'],
    [{ status: 511, ...bare }, 'inTheWay'],
    [{ status: 429, ...html }, 'busy'],
    [{ status: 500, ...html }, 'busy'],
    [{ status: 503, ...json }, 'busy'],
    [{ status: 408, ...json }, 'busy'],
    [{ status: 421, ...bare }, 'busy'],
    [{ status: 425, ...html }, 'busy'],
    ...[400, 401, 402, 403, 404, 405, 406, 409, 410, 413, 417, 426, 451].flatMap(
      (status): [SeenResponse, Judgement][] => [
        [{ status, ...html }, 'inTheWay'],
        [{ status, ...json }, 'refused'],
        [{ status, ...bare }, 'unclear'],
      ],
    ),
  ] satisfies [SeenResponse, Judgement][]) {
    it(`is read from ${JSON.stringify(response)}: ${judgement}`, () => {
      expect(judgeResponse(response)).toBe(judgement);
    });
  }

  it('is told in words that quote nothing', () => {
    expect(wordsOf({ status: 403, ...html, text: '<html>secret' })).toBe('an HTML page (403), not the platform');
    expect(wordsOf({ status: 302, ...bare })).toBe('a redirect (302), which is never followed');
    expect(wordsOf({ status: 404, ...bare })).toBe("404 without the platform's own words");
  });
});

describe('refusals that may not be the platform\u2019s', () => {
  const after = (...times: number[]) => times.reduce<ReturnType<typeof doubt> | undefined>(doubt, undefined);

  const minutes = (...times: number[]) => times.map((time) => time * 60_000);

  it.each([
    ['two, however long they go on', minutes(0, 100), false],
    ['three within ten minutes', minutes(0, 5, 9), false],
    ['three over ten minutes', minutes(0, 5, 10), true],
    ['three over an hour', minutes(0, 30, 60), true],
    ['many in a moment', Array.from({ length: 50 }, () => 7), false],
    ['two in a moment, and one after the machine has slept', minutes(0, 0, 480), false],
    ['three in a moment while the clock is set back', minutes(0, -500, 0), false],
  ])('are believed or not: %s', (_what, times, believed) => {
    expect(isBelieved(after(...times) ?? { count: 0, forMs: 0, last: 0 })).toBe(believed);
  });
});

describe('JSON for errors', () => {
  it.each<[boolean, number, unknown]>([
    [true, 401, { error: { time: 'Sep 22, 2016', message: 'no', internalCode: 10, responseStatus: 'UNAUTHORIZED' } }],
    [true, 404, { error: { message: 'no such account' } }],
    [true, 500, { error: 'LeLogin1 failed - invalid url received from app server' }],
    [false, 404, { message: 'no Route matched with those values' }],
    [false, 404, { timestamp: '2026-11-27T00:00:00Z', status: 404, error: 'Not Found', path: '/login' }],
    [false, 403, { error: 'Forbidden' }],
    [false, 403, { error: 'forbidden.' }],
    [false, 403, { error: { code: 403, message: 'RBAC: access denied', status: 'PERMISSION_DENIED' } }],
    [false, 400, { title: 'Bad', detail: 'problem+json' }],
    [false, 400, { error: '' }],
    [false, 400, []],
    [false, 400, null],
  ])('is the platform\u2019s (%s) with status %i: %j', (isPlatforms, status, body) => {
    expect(isPlatformError(status, JSON.stringify(body))).toBe(isPlatforms);
  });

  it('is none when it is cut off', () => {
    expect(isPlatformError(403, '{"error":{"message":"no"')).toBe(false);
  });
});

describe('a page', () => {
  const begins = (text: string) => isPage({ contentType: 'application/octet-stream', text });

  it.each([
    '<!DOCTYPE html>',
    ' \n<HTML lang="en">',
    '\uFEFF<html>',
    '<?xml version="1.0"?><!DOCTYPE html><html>',
    '<!-- portal -->\n<!-- 7.2 --><html>',
    '<head><title>Sign in</title>',
    '<script>location = 1</script>',
    '<meta http-equiv="refresh" content="0">',
    '<body>',
  ])('is known by how it begins: %j', (text) => {
    expect(begins(text)).toBe(true);
  });

  it.each(['', 'sign in', '{"a":"<html>"}', '%PDF-1.7 <html>', '<htmlish>', '<!-- no end <html>', '<', '<a href="x">'])(
    'is not what begins in another way: %j',
    (text) => {
      expect(begins(text)).toBe(false);
    },
  );

  it('is looked for in no more than a moment, however many comments there are', () => {
    expect(begins(`${'<!-- --> '.repeat(5_000)}x`)).toBe(false);
  });

  it('is known by its type, whatever it holds', () => {
    expect(isPage({ contentType: 'application/xhtml+xml', text: 'sign in' })).toBe(true);
    expect(isPage({ contentType: ['text/html; charset=utf-8'] })).toBe(true);
    expect(isPage({ contentType: 'text/plain', text: 'sign in' })).toBe(false);
  });

  it.each([
    [{ status: 403, contentType: ['text/html', 'x'], isPlatforms: false }, 'an HTML page (403), not the platform'],
    [
      { status: 403, contentType: [], text: '<?xml version="1.0"?>', isPlatforms: false },
      'an HTML page (403), not the platform',
    ],
    [{ status: 200, contentType: undefined, isPlatforms: false }, "something that is not the platform's (200)"],
    [{ status: 407, isPlatforms: false }, 'a proxy that wants credentials (407)'],
    [{ status: 511, isPlatforms: false }, 'a network that wants a sign-in first (511)'],
  ])('and what else was seen is told in words: %j', (response, words) => {
    expect(wordsOf(response)).toBe(words);
  });
});
