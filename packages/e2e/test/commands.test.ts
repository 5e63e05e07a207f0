import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { root } from './run-program.ts';

const require = createRequire(import.meta.url);
const { nodeProblem } = require(`${root}packages/tooling/bin/check-node.cjs`) as {
  nodeProblem: (version: string, range: string) => string | undefined;
};

describe('the check of the Node version', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.21.0'])('lets %s through', (version) => {
    expect(nodeProblem(version, '>=20.19')).toBeUndefined();
  });

  it.each(['8.17.0', '18.20.4', '20.18.3'])('turns %s away with a sentence', (version) => {
    const problem = nodeProblem(version, '>=20.19');
    expect(problem).toContain(version);
    expect(problem?.split('\n')).toHaveLength(1);
  });
});
