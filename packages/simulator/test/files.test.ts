import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import { fetch } from 'undici';
import { connectAgent, type RawClient, type WireFrame } from './support/raw-client.ts';

const UPLOAD = '.ams.ms.GenerateURLForUploadFile';
const DOWNLOAD = '.ams.ms.GenerateURLForDownloadFile';
const clock = createManualClock();
let simulator: Simulator;
let agent: RawClient;
beforeEach(async () => {
  simulator = await startSimulator({ clock });
  agent = await connectAgent(simulator);
});
afterEach(() => simulator.close());

function urlOf({ body }: WireFrame): string {
  const { relativePath, queryParams } = body as { relativePath: string; queryParams: Record<string, string> };
  return `${simulator.url}${relativePath}?${new URLSearchParams(queryParams).toString()}`;
}
const put = async (url: string, body: Buffer) => (await fetch(url, { method: 'PUT', body })).status;

describe('file storage', () => {
  // verifies: rest:files
  it('takes a file under a signed path and gives it back under another', async () => {
    const upload = await agent.request(UPLOAD, { fileSize: 5, fileType: 'png' });
    expect(upload).toMatchObject({
      code: 200,
      type: '.ams.ms.BaseGenerateURL$Response',
      body: {
        relativePath: expect.stringMatching(
          new RegExp(`^/v1/AUTH_async-images/${simulator.accountId}/.+_uuid_[0-9a-f-]{36}_01-01-2030_[\\d-]+\\.PNG$`),
        ),
        queryParams: {
          temp_url_sig: expect.stringMatching(/^[0-9a-f]{40}$/),
          temp_url_expires: expect.stringMatching(/^\d+$/),
        },
      },
    });
    expect(await put(urlOf(upload), Buffer.from('bytes'))).toBe(201);
    const { relativePath } = upload.body as { relativePath: string };
    const download = await agent.request(DOWNLOAD, { relativePath });
    const response = await fetch(urlOf(download));
    expect([response.status, await response.text()]).toEqual([200, 'bytes']);
  });

  it('refuses a path that is unsigned, signed for the other way, or out of time', async () => {
    const upload = urlOf(await agent.request(UPLOAD, { fileSize: '5', fileType: 'JPG' }));
    expect(await put(upload.replace(/sig=./, 'sig=x'), Buffer.from('x'))).toBe(401);
    expect((await fetch(upload)).status).toBe(401);
    expect((await fetch(upload.split('?')[0] ?? '')).status).toBe(401);
    await clock.advance(61_000);
    expect(await put(upload, Buffer.from('x'))).toBe(401);
  });

  // verifies: consumer:file
  it('gives an agent the file that a consumer shares', async () => {
    const chat = await simulator.consumer().startConversation();
    const { relativePath, sequence } = await chat.sendFile(Buffer.from('cat'), { fileType: 'JPG', caption: 'my cat' });
    const history = await agent.request('.ams.ms.QueryMessages', { dialogId: chat.conversationId });
    const message = { caption: 'my cat', relativePath, fileType: 'JPG' };
    expect(history.body).toMatchObject([{ sequence, event: { contentType: 'hosted/file', message } }]);
    const response = await fetch(urlOf(await agent.request(DOWNLOAD, { relativePath })));
    expect(await response.text()).toBe('cat');
  });

  it('has nothing where nothing was put', async () => {
    const relativePath = `/v1/AUTH_async-images/${simulator.accountId}/none.PNG`;
    expect((await fetch(urlOf(await agent.request(DOWNLOAD, { relativePath })))).status).toBe(404);
  });

  it('refuses what is too large, at the request and at the storage', async () => {
    expect(await agent.request(UPLOAD, { fileSize: 6_000_000, fileType: 'PNG' })).toMatchObject({ code: 400 });
    const upload = urlOf(await agent.request(UPLOAD, { fileSize: 5, fileType: 'PNG' }));
    expect(await put(upload, Buffer.alloc(5 * 1024 * 1024 + 1))).toBe(400);
    expect(await put(upload, Buffer.alloc(5 * 1024 * 1024 + 2))).toBe(413);
  });

  it.each([
    { fileSize: 5, fileType: 'EXE' },
    { fileSize: 'much', fileType: 'PNG' },
    { fileType: 'PNG' },
    { fileSize: 5 },
  ])('refuses to sign %j', async (body) => {
    expect(await agent.request(UPLOAD, body)).toMatchObject({ code: 400, type: '.ReqBody$StringResp' });
  });
});
