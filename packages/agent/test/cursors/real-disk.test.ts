import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFileCursorStore } from '@lp/agent';

// A disk of 64 kB and a file that is mounted by itself take root and Linux: elsewhere only the other tests say what happens.
const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mounts();
let folder: string;
const mounted: string[] = [];

function mounts(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'lp-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'ignore' });
    execFileSync('umount', [place], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lp-disk-'));
});

afterEach(() => {
  for (const place of mounted.splice(0).toReversed()) execFileSync('umount', [place]);
  rmSync(folder, { recursive: true });
});

function mount(place: string, ...options: string[]): void {
  execFileSync('mount', [...options, place]);
  mounted.push(place);
}

(canMount ? describe : describe.skip)('a cursor file on a real disk', () => {
  // verifies: store:fails
  it('that is full tells so, takes nothing for kept, and goes on once there is room', async () => {
    mount(folder, '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs');
    const store = createFileCursorStore(join(folder, 'cursors'));
    await store.set('a', 1);
    const filler = join(folder, 'filler');
    try {
      writeFileSync(filler, Buffer.alloc(200_000));
    } catch {
      // Full, as it should be.
    }
    let failure: unknown;
    for (let sequence = 2; sequence < 5_000 && failure === undefined; sequence++) {
      await Promise.resolve(store.set('a', sequence)).catch((error: unknown) => {
        failure = error;
      });
    }
    expect(failure).toMatchObject({ code: 'ENOSPC' });
    rmSync(filler);
    await store.set('b', 7);
    expect(await store.get('b')).toBe(7);
    await store.close();
    const again = createFileCursorStore(join(folder, 'cursors'));
    expect(await again.get('b')).toBe(7);
    expect(await again.get('a')).toBeGreaterThanOrEqual(1);
    await again.close();
  });

  it('that is mounted by itself is refused, with what to do', async () => {
    const [inside, outside] = [join(folder, 'inside'), join(folder, 'outside')];
    mkdirSync(inside);
    writeFileSync(outside, '');
    const path = join(inside, 'cursors');
    writeFileSync(path, '');
    mount(path, '--bind', outside);
    const store = createFileCursorStore(path);
    const failure = await Promise.resolve(store.set('a', 1)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: expect.stringMatching(/mount.*folder/i) });
  });
});
