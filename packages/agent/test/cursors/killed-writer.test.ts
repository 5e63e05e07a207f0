import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { createFileCursorStore } from '../../src/cursors/index.ts';

const source = fileURLToPath(new URL('../../src/cursors/index.ts', import.meta.url));

// Sets cursors as fast as it can, and prints each that was acknowledged before it goes on with that dialog.
const WRITER = `
import { writeSync } from 'node:fs';
import { createFileCursorStore } from ${JSON.stringify(source)};
const store = createFileCursorStore(process.argv[2]);
async function write(dialogId) {
  for (let sequence = ((await store.get(dialogId)) ?? -1) + 1; ; sequence++) {
    await store.set(dialogId, sequence);
    writeSync(1, dialogId + ' ' + sequence + '\\n');
  }
}
for (let index = 0; index < 8; index++) void write('dialog-' + index);
`;

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lp-killed-'));
  await build({
    stdin: { contents: WRITER, resolveDir: folder, loader: 'ts' },
    outfile: join(folder, 'writer.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@lp/source'],
    nodePaths: [fileURLToPath(new URL('../../node_modules', import.meta.url))],
    logLevel: 'silent',
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a writer, kills it after so many acknowledgements, and gives the highest acknowledged number of each dialog. */
async function killWriterAfter(acknowledgements: number, path: string): Promise<Map<string, number>> {
  const writer = spawn(process.execPath, [join(folder, 'writer.mjs'), path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise<NodeJS.Signals | null>((resolve) => {
    writer.on('close', (_code, signal) => resolve(signal));
  });
  const acknowledged = new Map<string, number>();
  let count = 0;
  for await (const line of createInterface({ input: writer.stdout })) {
    const [dialogId = '', sequence] = line.split(' ');
    acknowledged.set(dialogId, Number(sequence));
    if (++count === acknowledgements) writer.kill('SIGKILL');
  }
  expect(await closed).toBe('SIGKILL');
  return acknowledged;
}

describe('a cursor file whose process is killed while it writes', () => {
  // verifies: cursors:file
  it('holds every cursor that was acknowledged, kill after kill', async () => {
    const path = join(folder, 'cursors.log');
    // The last rounds go through the file's replacement by a shorter one, which comes every thousand lines.
    const rounds = [1, 7, 20, 57, 130, 900, 1500, 301];
    for (const acknowledgements of rounds) {
      const acknowledged = await killWriterAfter(acknowledgements, path);
      expect(acknowledged.size).toBeGreaterThan(0);
      await using store = createFileCursorStore(path);
      for (const [dialogId, sequence] of acknowledged) {
        const kept = await store.get(dialogId);
        expect(kept).toBeGreaterThanOrEqual(sequence);
        // One more may have reached the disk, and its acknowledgement not the pipe.
        expect(kept).toBeLessThanOrEqual(sequence + 1);
      }
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('cursors.log')).length).toBeLessThanOrEqual(
      rounds.length,
    );
  }, 60_000);
});
