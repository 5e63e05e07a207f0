import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const COMMAND_MS = 300_000;
const run = promisify(execFile);
const packages = new URL('../../', import.meta.url);

const folder = process.env['LP_TARBALLS'];
if (folder === undefined) throw new Error('LP_TARBALLS is not set: run these tests with npm run test:packed');

/** The tarball of each package by its name. */
export const tarballs: ReadonlyMap<string, string> = new Map(
  (await readdir(folder))
    .filter((file) => file.endsWith('.tgz'))
    .map((file) => [file.replace(/^lp-(.+)-\d+\..*$/, '@lp/$1'), join(folder, file)]),
);

export function tarballOf(name: string): string {
  const file = tarballs.get(name);
  if (file === undefined) throw new Error(`there is no tarball of ${name}`);
  return file;
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const readManifest = async (file: URL) => JSON.parse(await readFile(file, 'utf8')) as Manifest;

/** The versions that this workspace is tested with, of all that the packages depend on. */
async function testedVersions(): Promise<Record<string, string>> {
  const found = [...tarballs.keys()].map(async (name) => {
    const home = new URL(`${name.replace('@lp/', '')}/`, packages);
    const { dependencies = {} } = await readManifest(new URL('package.json', home));
    const foreign = Object.keys(dependencies).filter((dependency) => !dependency.startsWith('@lp/'));
    return Promise.all(
      foreign.map(async (dependency) => {
        const { version } = await readManifest(new URL(`node_modules/${dependency}/package.json`, home));
        return [dependency, version] as const;
      }),
    );
  });
  return Object.fromEntries((await Promise.all(found)).flat());
}

/** A folder outside the workspace, with packages installed as a user has them. */
export interface Project extends AsyncDisposable {
  readonly folder: string;
  write(name: string, text: string): Promise<void>;
  /** Runs a program in the folder and gives what it printed; rejects, with all of that, when it fails. */
  run(program: string, ...parameters: string[]): Promise<string>;
}

/** An empty project, which knows of nothing. */
export async function createEmptyProject(): Promise<Project> {
  const home = await mkdtemp(join(tmpdir(), 'lp-project-'));
  const project: Project = {
    folder: home,
    write: (name, text) => writeFile(join(home, name), text),
    async run(program, ...parameters) {
      try {
        const { stdout } = await run(program, parameters, { cwd: home, timeout: COMMAND_MS });
        return stdout;
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        throw new Error(`${program} ${parameters.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
      }
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
  await project.write('package.json', '{ "private": true }');
  return project;
}

/** Makes a project and lets npm install the tarballs of `names` there, and `others` by their versions. */
export async function createProject(
  manifest: object,
  names: readonly string[],
  others: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const project = await createEmptyProject();
  const local = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
  const direct = Object.fromEntries(Object.entries(local).filter(([name]) => names.includes(name)));
  const overrides = {
    // The siblings are in no registry yet, and nothing else may change between two runs.
    ...Object.fromEntries(Object.entries(local).filter(([name]) => !names.includes(name))),
    ...(await testedVersions()),
  };
  await project.write(
    'package.json',
    JSON.stringify({ private: true, ...manifest, dependencies: { ...direct, ...others }, overrides }),
  );
  await project.run('npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error');
  return project;
}
