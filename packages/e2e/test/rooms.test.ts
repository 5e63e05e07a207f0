import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const MOST_LOOSE_FILES = 8;

/** What the lint finds in a tree of files that lie as those of this repository do. */
async function lint(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lp-rooms-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, 'packages/agent/src', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
    const parameters = [oxlint, '--config', join(root, 'packages/tooling/lint.json'), '--format=unix', '.'];
    const run = promisify(execFile)(process.execPath, parameters, { cwd: folder });
    return await run.then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const importing = (path: string) => `import type { A } from '${path}';\nexport type B = A;\n`;

describe('the rooms of the agent', () => {
  it('may import from lower rooms', async () => {
    const files = {
      'work/serve.ts': importing('../conversation/conversation.ts'),
      'conversation/conversation.ts': importing('../dialog/stream.ts'),
      'dialog/stream.ts': importing('../link/call.ts'),
      'link/call.ts': importing('../inbound/mapping/index.ts'),
      'inbound/mapping/index.ts': importing('../identity.ts'),
      'inbound/identity.ts': importing('../cursors/index.ts'),
      'cursors/index.ts': 'export type A = number;\n',
      'agent.ts': importing('./work/serve.ts'),
    };
    expect(await lint(files)).toBe('');
  });

  it.each([
    ['cursors/map.ts', '../inbound/router.ts'],
    ['rest/history.ts', '../link/call.ts'],
    ['inbound/batches.ts', '../link/call.ts'],
    ['inbound/mapping/types.ts', '../../dialog/stream.ts'],
    ['link/call.ts', '../dialog/stream.ts'],
    ['dialog/ledger.ts', '../conversation/message.ts'],
    ['conversation/files.ts', '../work/ring.ts'],
    ['work/handlers.ts', '../agent.ts'],
    ['link/parts/frame.ts', '../../dialog/stream.ts'],
    ['inbound/batches.ts', './../link/call.ts'],
    ['dialog/ledger.ts', '../../src/work/ring.ts'],
    ['dialog/retry.ts', '@lp/agent'],
  ])('may not import from higher ones, as %s from %s', async (from, to) => {
    expect(await lint({ [from]: importing(to) })).toContain(`'${to}' import is restricted`);
  });

  it('have no circle, not even one of types', async () => {
    const found = await lint({ 'dialog/a.ts': importing('./b.ts'), 'dialog/b.ts': importing('./a.ts') });
    expect(found).toContain('Dependency cycle');
  });

  it('hold almost everything: few files lie loose beside them', async () => {
    const entries = await readdir(join(root, 'packages/agent/src'), { withFileTypes: true });
    expect(entries.filter((entry) => entry.isFile()).length).toBeLessThanOrEqual(MOST_LOOSE_FILES);
  });
});
