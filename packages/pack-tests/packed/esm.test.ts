import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BuildResult, build } from 'esbuild';
import { createProject, type Project } from './project.ts';

const program = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

let project: Project;

beforeAll(async () => {
  project = await createProject({ type: 'module' }, ['@lp/agent', '@lp/simulator']);
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

describe('the packages in an ESM project', () => {
  it('run an echo bot against the simulator', async () => {
    await copyFile(program('bot.mjs'), join(project.folder, 'bot.mjs'));
    expect(await project.run(process.execPath, 'bot.mjs')).toBe('echo: hi\n');
  });

  it('bring the command lp-simulator, which serves its page', async () => {
    const command = join(project.folder, 'node_modules', '.bin', 'lp-simulator');
    expect(await project.run(command, '--help')).toMatch(/^Usage: lp-simulator/);
    const child = execFile(command, ['--port', '0']);
    try {
      let printed = '';
      const page = await new Promise<string>((resolve, reject) => {
        child.once('exit', () => reject(new Error(`it ended: ${printed}`)));
        for (const output of [child.stdout, child.stderr]) {
          output?.on('data', (text: string) => {
            printed += text;
            const [, url] = /chat page\s+(http\S+)/.exec(printed) ?? [];
            if (url !== undefined) resolve(url);
          });
        }
      });
      const response = await fetch(page);
      expect(response.status).toBe(200);
      const html = await response.text();
      const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(html) ?? [];
      expect((await fetch(new URL(script, page))).status).toBe(200);
    } finally {
      child.kill('SIGTERM');
    }
  });
});

describe('the built files, bundled for a browser', () => {
  const bundle = (entry: string): Promise<BuildResult<{ metafile: true; write: false }>> =>
    build({
      stdin: { contents: `export * from '${entry}';`, resolveDir: project.folder },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      logLevel: 'silent',
    });

  it.each(['@lp/core', '@lp/core/internal', '@lp/transport', '@lp/agent/schemas'])(
    '%s needs nothing of Node and nothing of ws',
    async (entry) => {
      const { metafile, outputFiles } = await bundle(entry);
      const inputs = Object.keys(metafile.inputs);
      expect(inputs.some((path) => path.includes('node_modules/@lp/'))).toBe(true);
      expect(inputs.filter((path) => /node_modules\/(ws|undici)\//.test(path))).toEqual([]);
      const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
      expect(imported).toEqual([]);
      const code = outputFiles.map(({ text }) => text).join('');
      for (const name of builtinModules) expect(code).not.toContain(`"node:${name}"`);
    },
  );

  it('@lp/agent/schemas reaches @lp/schemas, zod and nothing else', async () => {
    const { metafile } = await bundle('@lp/agent/schemas');
    const foreign = Object.keys(metafile.inputs).filter(
      (path) =>
        !/node_modules\/(zod\/|@lp\/schemas\/dist\/|@lp\/agent\/dist\/schemas\.js$)/.test(path) && path !== '<stdin>',
    );
    expect(foreign).toEqual([]);
  });

  it('would not be made if they did: the simulator needs Node', async () => {
    await expect(bundle('@lp/simulator')).rejects.toThrow(/node:/);
  });
});
