import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { type Running, root, runProgram } from '../run-program.ts';
import { LONGEST_MS } from './support.ts';

jest.setTimeout(LONGEST_MS);

const CONSUMER = 'examples/typed-consumer/dist/main.js';

const record = (event: unknown) => ({ dialogId: 'd1', originatorMetadata: { id: 'x', role: 'CONSUMER' }, event });
const webhook = (...events: unknown[]) => ({
  kind: 'notification',
  type: 'ms.MessagingEventNotification',
  body: { changes: events.map(record) },
});
const text = (message: string) => ({ type: 'ContentEvent', contentType: 'text/plain', message });

async function post({ printed }: Running, body: string, headers: Record<string, string> = {}): Promise<number> {
  const [, url = ''] = await printed(/webhooks at (\S+)/);
  const response = await fetch(url, { method: 'POST', body, headers });
  await response.arrayBuffer();
  return response.status;
}

describe('the typed consumer', () => {
  it('prints what it can read, by topic', async () => {
    const outcome = await runProgram(CONSUMER, {
      env: { PORT: '0' },
      during: async (program) => {
        expect(
          await post(program, JSON.stringify(webhook(text('hello'), { type: 'ChatStateEvent', chatState: 'GONE' }))),
        ).toBe(200);
        const state = { type: 'UPSERT', result: { convId: 'c1', conversationDetails: { state: 'OPEN' } } };
        const change = { type: 'cqm.ExConversationChangeNotification', body: { changes: [state] } };
        expect(await post(program, JSON.stringify(change))).toBe(200);
        expect(await post(program, '{"kind":"notification","type":"of.next.Year","body":{}}')).toBe(200);
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout.split('\n').slice(1, -1)).toEqual([
      'd1 CONSUMER: "hello"',
      'd1 CONSUMER: ChatStateEvent',
      'c1 UPSERT OPEN',
      'of.next.Year',
    ]);
  });

  it('refuses what it cannot read, by place and without its content, and keeps the good part', async () => {
    const outcome = await runProgram(CONSUMER, {
      env: { PORT: '0' },
      during: async (program) => {
        expect(await post(program, 'secret words')).toBe(400);
        expect(await post(program, '{"kind":"resp","reqId":"1","code":200,"type":"GetClockResponse"}')).toBe(400);
        expect(
          await post(
            program,
            JSON.stringify(webhook({ type: 'ContentEvent', contentType: 'text/plain', message: {} })),
          ),
        ).toBe(400);
        expect(await post(program, JSON.stringify(webhook(text('good'), 'secret words')))).toBe(200);
        expect(await post(program, 'x'.repeat(1024 * 1024 + 1))).toBe(413);
      },
    });
    expect(outcome.stdout).toContain('d1 CONSUMER: "good"\nrefused: ');
    expect(outcome.stdout.match(/refused: /g)).toHaveLength(5);
    expect(outcome.stdout).not.toContain('secret words');
  });

  it('takes only what is signed when it has a secret', async () => {
    await runProgram(CONSUMER, {
      env: { PORT: '0', LP_WEBHOOK_SECRET: 'key' },
      during: async (program) => {
        const body = JSON.stringify(webhook(text('hello')));
        const hmac = createHmac('sha1', 'key').update(body).digest('base64');
        expect(await post(program, body)).toBe(401);
        expect(await post(program, `${body} `, { 'x-liveperson-signature': `sha1=${hmac}` })).toBe(401);
        expect(await post(program, body, { 'x-liveperson-signature': `sha1=${hmac}` })).toBe(200);
        for (const [hash, encoding] of [
          ['sha256', 'hex'],
          ['sha256', 'base64'],
          ['sha1', 'hex'],
        ] as const) {
          const signature = createHmac(hash, 'key').update(body).digest(encoding);
          expect(await post(program, body, { 'x-liveperson-signature': `${hash}=${signature}` })).toBe(200);
          expect(await post(program, body, { 'x-liveperson-signature': `${hash}=x${signature}` })).toBe(401);
        }
        const md5 = createHmac('md5', 'key').update(body).digest('hex');
        expect(await post(program, body, { 'x-liveperson-signature': `md5=${md5}` })).toBe(401);
      },
    });
  });

  it('says in one line that its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { exitCode, stderr } = await runProgram(CONSUMER, { env: { PORT: String(port) } });
    await new Promise((resolve) => other.close(resolve));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^typed-consumer: .*EADDRINUSE.*\n$/);
  });

  it('imports the schemas and nothing else of the packages', () => {
    const sources = ['main.ts', 'receive.ts'].map((file) =>
      readFileSync(`${root}examples/typed-consumer/src/${file}`, 'utf8'),
    );
    const imported = sources.flatMap((source) => [...source.matchAll(/from '(@lp[^']*)'/g)].map(([, name]) => name));
    expect(imported).toEqual(['@lp/schemas']);
  });
});
