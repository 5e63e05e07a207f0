// Lines of tests for each line of source, by package: `npm run test:ratio`. Blank lines and comments count on neither side.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const PACKAGES = ['core', 'schemas', 'transport', 'auth', 'agent', 'simulator', 'fleet', 'node-agent-sdk'];
// Tests of another package that run the agent as a whole; not those of documents and of the layout, nor any campaign.
const WHOLE = [
  'packages/e2e/test',
  ...['docs', 'layout.test.ts', 'rooms.test.ts'].map((path) => `:(exclude)packages/e2e/test/${path}`),
];

/** The lines of a file that are neither blank nor comment. */
export function codeLines(text) {
  const withoutBlocks = text.replaceAll(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '');
  return withoutBlocks.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;
}

/** Lines below folders of the repository. */
export function linesBelow(...folders) {
  const listed = execFileSync('git', ['ls-files', '--', ...folders], { cwd: root, encoding: 'utf8' });
  const files = listed.split('\n').filter((path) => /\.(ts|tsx|mjs|cjs)$/.test(path));
  return files.reduce((sum, path) => sum + codeLines(readFileSync(`${root}${path}`, 'utf8')), 0);
}

/** A row for each package: its lines, those of its tests, and how many tests there are for a line. */
export function testRatios() {
  return PACKAGES.map((name) => {
    const source = linesBelow(`packages/${name}/src`);
    const own = linesBelow(`packages/${name}/test`);
    const whole = name === 'agent' ? linesBelow(...WHOLE) : 0;
    return { name, source, own, whole, ratio: own / source, withWhole: (own + whole) / source };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, own, ratio, source, whole, withWhole } of testRatios()) {
    const more = whole > 0 ? `; with ${whole} lines of e2e, which run it whole: ${withWhole.toFixed(2)}` : '';
    process.stdout.write(`${name}: ${own} lines of tests for ${source} of source, ${ratio.toFixed(2)}${more}\n`);
  }
}
