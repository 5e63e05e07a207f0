import { basename } from 'node:path';
import { packageProblems } from './contents.mjs';
import { filesOf, withTarballs } from './pack.mjs';
import { engines, license } from './packages.mjs';
import { command, StepFailed, step } from './run.mjs';

/** `npm run pack:check`: would every package reach its users complete, typed and clean? */
await command(() =>
  withTarballs(async (_folder, tarballs) => {
    for (const tarball of tarballs) {
      const name = basename(tarball, '.tgz');
      const files = filesOf(tarball);
      const problems = packageProblems(files, { engines, license });
      if (problems.length > 0)
        throw new StepFailed(`${name}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
      process.stdout.write(`• ${name}: ${files.size} files\n`);
      await step('  publint', 'publint', ['run', '--strict', tarball], { quiet: true });
      await step('  attw', 'attw', ['--format', 'ascii', tarball], { quiet: true });
    }
    process.stdout.write(`\n${tarballs.length} packages are ready to be published.\n`);
  }),
);
