import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation } from '@lp/agent';
import type { SimulatedChat } from '@lp/simulator';
import { accepted, startOnline, type TestPlatform } from '../support/platform.ts';

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
const pages: [string, string][] = [
  ['a whole page', '<html><body>sign in</body></html>'],
  [
    'XHTML with an XML line',
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html></html>',
  ],
  ['a comment first', `<!-- portal ${'7.2 '.repeat(200)}-->\n<html><body>sign in</body></html>`],
  ['a head alone', '<head><title>Sign in</title></head>'],
  ['a script alone', '<script>location="https://portal/"</script>'],
  ['a meta alone', '\uFEFF<META http-equiv="refresh" content="0; url=http://portal/">'],
];

let platform: TestPlatform;
let agent: Agent;
let storage: Server;
let chat: SimulatedChat;
let conversation: Conversation;
let response: { status: number; type: string | undefined; body: string | Buffer };
let requests: { method: string | undefined; headers: IncomingHttpHeaders }[];

beforeEach(async () => {
  requests = [];
  storage = createServer((incoming, outgoing) => {
    requests.push({ method: incoming.method, headers: incoming.headers });
    incoming.resume().on('end', () => {
      const { status, type, body } = response;
      outgoing.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body);
    });
  });
  await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
  const swift = `127.0.0.1:${(storage.address() as AddressInfo).port}`;
  ({ platform, agent } = await startOnline({ domains: { swift } }));
  ({ chat, conversation } = await accepted(platform, agent));
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
  await new Promise((resolve) => storage.close(resolve));
});

const inTheWay = expect.objectContaining({
  code: 'NOT_CONNECTED',
  retryable: true,
  message: expect.stringMatching(/^127\.0\.0\.1:\d+ responded to (PUT|GET) swift with an HTML page \(20\d\)/),
});

describe('what responds in the place of the storage', () => {
  for (const type of ['text/html', undefined]) {
    it.each(pages)(`stores no file, when it is %s of type ${type}`, async (_name, body) => {
      response = { status: 200, type, body };
      await expect(conversation.uploadFile(png, { fileType: 'PNG' })).rejects.toEqual(inTheWay);
      await conversation.send('nothing was published');
      expect((await chat.next()).event).toMatchObject({ message: 'nothing was published' });
    });

    it.each(pages)(`is not given as the file, when it is %s of type ${type}`, async (_name, body) => {
      response = { status: 200, type, body };
      await expect(conversation.downloadFile('/v1/AUTH_async-images/a.PNG')).rejects.toEqual(inTheWay);
      await expect(conversation.downloadFile('/v1/AUTH_async-images/a')).rejects.toEqual(inTheWay);
    });
  }

  it('is not given as a text, when it says that it is a page', async () => {
    response = { status: 200, type: 'text/html; charset=utf-8', body: 'sign in' };
    await expect(conversation.downloadFile('/v1/AUTH_async-images/a.TXT')).rejects.toEqual(inTheWay);
  });
});

describe('the storage itself', () => {
  it('has stored a file when it says nothing, whatever type that has', async () => {
    response = { status: 201, type: 'text/html; charset=UTF-8', body: '' };
    const { relativePath } = await conversation.uploadFile(png, { fileType: 'PNG' });
    expect((await chat.next()).event).toMatchObject({ message: { relativePath } });
    expect(requests).toMatchObject([{ method: 'PUT', headers: { 'content-type': 'image/png' } }]);
  });

  it.each([
    ['a text', 'a.txt', 'text/plain'],
    ['a text without a type', 'a.TXT', undefined],
    ['a page', 'a.html', 'text/html'],
  ])('gives a file that holds a page, when it is declared as %s', async (_name, name, type) => {
    const body = '<!doctype html><html>ours</html>';
    response = { status: 200, type, body };
    expect(Buffer.from(await conversation.downloadFile(`/v1/AUTH_async-images/${name}`)).toString()).toBe(body);
  });

  it('gives a file that a message declares as a text', async () => {
    response = { status: 200, type: 'text/plain', body: '<html>notes</html>' };
    const messages = conversation.messages()[Symbol.asyncIterator]();
    await chat.publish({
      type: 'ContentEvent',
      contentType: 'hosted/file',
      message: { relativePath: '/v1/AUTH_async-images/notes', fileType: 'TXT' },
    });
    const { value } = await messages.next();
    expect(Buffer.from((await value?.file?.download()) ?? []).toString()).toBe('<html>notes</html>');
  });
});
