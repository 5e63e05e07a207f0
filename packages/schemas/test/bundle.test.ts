import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build, type Metafile } from 'esbuild';
import { messageFrame } from './fixtures/notifications.ts';

const MAX_MINIFIED = 150_000;
const MAX_GZIPPED = 45_000;

const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url));

describe('the schemas as one bundle for a browser', () => {
  let folder: string;
  let bundle: string;
  let inputs: Metafile['inputs'];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lp-schemas-'));
    bundle = join(folder, 'schemas.mjs');
    const result = await build({
      entryPoints: [entry],
      outfile: bundle,
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      metafile: true,
      logLevel: 'silent',
    });
    inputs = result.metafile.inputs;
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('imports zod and nothing else', () => {
    const foreign = Object.keys(inputs).filter((path) => !/packages\/schemas\/src\/|node_modules\/zod\//.test(path));
    expect(foreign).toEqual([]);
    expect(Object.keys(inputs).length).toBeGreaterThan(20);
  });

  it('stays within its size', async () => {
    const code = await readFile(bundle);
    expect(code.length).toBeLessThan(MAX_MINIFIED);
    expect(gzipSync(code).length).toBeLessThan(MAX_GZIPPED);
  });

  it('names no module that a browser lacks', async () => {
    expect(await readFile(bundle, 'utf8')).not.toMatch(/from ?"|require\(|import\(/);
  });

  it('is loaded by require() from CommonJS', async () => {
    const frame = messageFrame({ dialogId: 'd', event: { type: 'ChatStateEvent', chatState: 'ACTIVE' } });
    const script = `const { decodeFrame } = require(${JSON.stringify(bundle)});
      console.log(JSON.stringify(decodeFrame(${JSON.stringify(JSON.stringify(frame))})));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--no-warnings',
      '--input-type=commonjs',
      '-e',
      script,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'notification', known: true, body: frame.body });
  });

  it('works where code may not be made from text', async () => {
    const script = `const { RequestBodySchemas } = require(${JSON.stringify(bundle)});
      console.log(RequestBodySchemas.getClock.safeParse({}).success, RequestBodySchemas.getClock.safeParse({ a: 1 }).success);`;
    const options = ['--no-warnings', '--disallow-code-generation-from-strings', '--input-type=commonjs', '-e', script];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    expect(stdout.trim()).toBe('true false');
  });
});
