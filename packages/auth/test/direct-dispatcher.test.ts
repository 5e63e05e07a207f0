import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDirectDispatcher } from '../src/direct-dispatcher.ts';

const server = createServer((_, response) => response.end('here'));
let origin = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => void server.close());

describe('what sends requests directly', () => {
  it.each([
    ['of the parts of undici that it needs', undefined, true],
    ['of undici as a whole, where its parts are not where they were', () => Promise.reject(new Error('moved')), false],
  ])('is made %s', async (_, load, isOfParts) => {
    const dispatcher = await createDirectDispatcher({ timeout: 1_000 }, load);
    expect(Object.hasOwn(dispatcher, 'request')).toBe(isOfParts);
    const { body, statusCode } = await dispatcher.request({ origin, path: '/', method: 'GET' });
    expect([statusCode, await body.text()]).toEqual([200, 'here']);
    await dispatcher.destroy();
  });
});
