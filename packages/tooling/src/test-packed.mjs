import { withTarballs } from './pack.mjs';
import { command, root, step } from './run.mjs';

/** `npm run test:packed`: do programs that install the packages from their tarballs work? */
await command(() =>
  withTarballs((folder) =>
    step(
      'Tests of the tarballs',
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        `${root}node_modules/jest/bin/jest.js`,
        '--config=packages/tooling/jest.packed.config.mjs',
        ...process.argv.slice(2),
      ],
      { env: { LP_TARBALLS: folder } },
    ),
  ),
);
