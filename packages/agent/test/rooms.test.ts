import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const SOURCE = new URL('../src/', import.meta.url);
// From low to high; those of one line do not know each other. What lies in `src` itself is the front door, above all.
const FLOORS = [['rest', 'cursors'], ['inbound'], ['link'], ['dialog'], ['conversation'], ['work']];
const FRONT_DOOR = FLOORS.length;

function floorOf(path: string): number {
  const [room, inside] = path.split('/');
  if (inside === undefined) return FRONT_DOOR;
  return FLOORS.findIndex((rooms) => rooms.includes(room as string));
}

function* importsOf(file: string): Iterable<string> {
  const from = new URL(file, SOURCE);
  for (const [, path] of readFileSync(from, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    yield new URL(path as string, from).href.slice(SOURCE.href.length);
  }
}

const files = (readdirSync(SOURCE, { recursive: true }) as string[])
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));

/** The files that a file imports, directly or not, before itself. */
function circleFrom(file: string): string[] | undefined {
  const seen = new Set<string>();
  const walk = (at: string, way: string[]): string[] | undefined => {
    for (const next of importsOf(at)) {
      if (next === file) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const circle = walk(next, [...way, next]);
      if (circle) return circle;
    }
    return undefined;
  };
  return walk(file, [file]);
}

describe('the rooms of the agent', () => {
  it('hold every file that is no part of the front door', () => {
    expect(files.filter((file) => floorOf(file) === -1)).toEqual([]);
  });

  it('import from rooms below them only', () => {
    const upwards = files.flatMap((file) =>
      [...importsOf(file)]
        .filter((imported) => {
          const sameRoom = file.split('/')[0] === imported.split('/')[0];
          return (
            floorOf(imported) > floorOf(file) ||
            (floorOf(imported) === floorOf(file) && !sameRoom && file.includes('/'))
          );
        })
        .map((imported) => `${file} imports ${imported}`),
    );
    expect(upwards).toEqual([]);
  });

  it('have no circles', () => {
    expect(files.map(circleFrom).filter((circle) => circle !== undefined)).toEqual([]);
  });
});
