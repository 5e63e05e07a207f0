import { existsSync, readdirSync } from 'node:fs';
import { root } from '../run-program.ts';

/** The source files of all packages, from the folder `packages` on. What is installed beside them is not looked into: it comes and goes while tests run. */
export function sourceFiles(): string[] {
  const packages = readdirSync(`${root}packages`).filter((name) => existsSync(`${root}packages/${name}/src`));
  return packages.flatMap((name) =>
    readdirSync(`${root}packages/${name}/src`, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `${name}/src/${path}`),
  );
}
