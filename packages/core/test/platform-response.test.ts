import { describe, expect, it } from '@jest/globals';
import { type Judgement, judgeResponse, type SeenResponse, wordsOf } from '@lp/core/internal';

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
