import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { packInto } from './pack.mjs';
import { command, output, root, step } from './run.mjs';

const NAME = 'tarballs';
const SBOM = 'sbom.cdx.json';

/**
 * `npm run pack`: writes the tarballs of all packages to the folder `tarballs`, and beside them a list (CycloneDX) of all
 * that is installed with them, each with its version, licence and checksum.
 */
await command(async () => {
  const target = join(root, NAME);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const tarballs = await packInto(target);
  writeFileSync(join(target, SBOM), await listOfAll(tarballs));
  const names = tarballs.map((tarball) => `  ${NAME}/${basename(tarball)}\n`).join('');
  process.stdout.write(`\n${names}  ${NAME}/${SBOM}\n\nIn a project: npm install ${target}/*.tgz\n`);
});

async function listOfAll(tarballs) {
  const project = mkdtempSync(join(tmpdir(), 'lp-sbom-'));
  try {
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'lp', version: '0.0.0', private: true }));
    const place = ['--prefix', project, '--package-lock-only', '--loglevel=error'];
    await step('Resolve what they need', 'npm', ['install', ...place, '--no-audit', ...tarballs], { quiet: true });
    return await output('npm', ['sbom', ...place, '--sbom-format=cyclonedx']);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}
