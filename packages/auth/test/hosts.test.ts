import { describe, expect, it } from '@jest/globals';
import { parseCsdsDomain } from '@lp/auth';
import { ConfigError } from '@lp/core';
import { isLoopback } from '@lp/core/internal';
import { isHost } from '../src/hosts.ts';
import { thrown } from './support/errors.ts';

describe('parseCsdsDomain', () => {
  it.each([
    ['adminlogin.liveperson.net', {}, { host: 'adminlogin.liveperson.net', insecure: false }],
    ['127.0.0.1:8080', {}, { host: '127.0.0.1:8080', insecure: true }],
    ['localhost:8080', {}, { host: 'localhost:8080', insecure: true }],
    ['[::1]:8080', {}, { host: '[::1]:8080', insecure: true }],
    ['127.0.0.1:8080', { ca: 'an authority' }, { host: '127.0.0.1:8080', insecure: false }],
    ['127.0.0.1:8080', { insecure: false }, { host: '127.0.0.1:8080', insecure: false }],
    ['http://127.0.0.1:8080', {}, { host: '127.0.0.1:8080', insecure: true }],
    ['HTTP://127.0.0.1:8080', { ca: 'an authority' }, { host: '127.0.0.1:8080', insecure: true }],
    ['https://127.0.0.1:8080', {}, { host: '127.0.0.1:8080', insecure: false }],
    ['https://api.liveperson.net', { insecure: false }, { host: 'api.liveperson.net', insecure: false }],
  ])('reads %s with %j', (domain, options, expected) => {
    expect(parseCsdsDomain(domain, options)).toEqual(expected);
  });

  it.each([
    ['http://adminlogin.liveperson.net', {}],
    ['adminlogin.liveperson.net', { insecure: true }],
    ['https://127.0.0.1:1', { insecure: true }],
    ['http://127.0.0.1:1', { insecure: false }],
    ['https://host.example/path', {}],
    ['host.example/', {}],
    ['host.example?x=1', {}],
    ['user:secret@host.example', {}],
    ['https://user@host.example', {}],
    ['wss://host.example', {}],
    ['host.example:99999', {}],
    ['host example', {}],
    ['host.example\n', {}],
    ['', {}],
    ['https://', {}],
    [undefined as unknown as string, {}],
  ])('refuses %j with %j', (domain, options) => {
    const error = thrown(() => parseCsdsDomain(domain, options));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).not.toContain('secret');
  });
});

describe('a host', () => {
  it.each(['127.0.0.1', '127.255.3.4:80', 'localhost', 'LOCALHOST:1', '[::1]:443'])('%s is of this machine', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['127.0.0.1.example.com', 'localhost.example.com', '128.0.0.1', '127.0.0.256', '0.0.0.0', '[::2]', '127.1'])(
    '%s is of another',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  it.each(['a', 'va.msg.liveperson.net', 'host_name:1', '[::1]'])('%s can be one', (host) => {
    expect(isHost(host)).toBe(true);
  });

  it.each(['', 'a/b', 'a@b', 'https://a', 'a:port', '-a', 'a..', 'a b', 'a:', null, 7, `${'a'.repeat(300)}`])(
    '%j cannot be one',
    (host) => {
      expect(isHost(host)).toBe(false);
    },
  );
});
