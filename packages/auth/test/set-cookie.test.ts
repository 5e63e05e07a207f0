import { describe, expect, it } from '@jest/globals';
import { parseSetCookie } from '../src/set-cookie.ts';

describe('a Set-Cookie line', () => {
  it.each([
    ['a=b', { name: 'a', value: 'b' }],
    ['a = b ; Path=/; Secure; HttpOnly', { name: 'a', value: 'b' }],
    ['a=b=c; max-age=60', { name: 'a', value: 'b=c', maxAge: 60 }],
    ['a=; Max-Age=-1', { name: 'a', value: '', maxAge: -1 }],
    ['a=b; Max-Age=soon', { name: 'a', value: 'b' }],
    [
      'a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      { name: 'a', value: 'b', expires: new Date('1970-01-01T00:00:00Z') },
    ],
    ['a=b; Expires=never', { name: 'a', value: 'b' }],
    ['=b', { name: '', value: 'b' }],
  ])('is read: %s', (line, cookie) => {
    expect(parseSetCookie(line)).toEqual(cookie);
  });

  it.each(['', 'a', 'Secure; a=b', 'a=b\r\nc: d', 'a=\0'])(
    'sets nothing without a name and a value, or with what no header may hold: %j',
    (line) => {
      expect(parseSetCookie(line)).toBeNull();
    },
  );
});
