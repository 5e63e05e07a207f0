import { describe, expect, it } from '@jest/globals';
import {
  doubt,
  isBelieved,
  isPage,
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
    ...[400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 417, 421, 426, 451].flatMap(
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

  it('are counted from the first of them', () => {
    expect(after(100, 250, 900)).toEqual({ count: 3, since: 100 });
  });

  it.each([
    ['two, however long they go on', [0, 6_000_000], 6_000_000, false],
    ['three within ten minutes', [0, 1, 2], 599_999, false],
    ['three over ten minutes', [0, 1, 2], 600_000, true],
    ['many in a moment', Array.from({ length: 50 }, () => 7), 8, false],
  ])('are believed or not: %s', (_what, times, now, believed) => {
    expect(isBelieved(after(...times) ?? { count: 0, since: 0 }, now)).toBe(believed);
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
