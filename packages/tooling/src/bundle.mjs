import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { licencesOf } from './licences.mjs';
import { root } from './run.mjs';
import { stripInternal } from './strip-internal.mjs';

/**
 * ES modules that no CommonJS program can require everywhere: they go into the bundles, and nobody installs them.
 * @see docs/dependencies.md
 */
const BUNDLED = new Set(['p-timeout', '@noble/hashes/sha2.js', '@noble/hashes/utils.js']);

const FORMS = [
  { format: 'es', js: 'js', types: 'd.ts' },
  { format: 'cjs', js: 'cjs', types: 'd.cts' },
];

/** The name of the export that is all that `require` gives. */
const WHOLE = 'module.exports';
const WHOLE_EXPORTED = /export \{[^}]*?(\w+) as ["']module\.exports["'][^}]*\}( from '[^']*');/;

/**
 * Makes `dist` of a published package from what `tsc -b` left in its `build`: each entry that package.json names as one
 * file, as an ES module and as CommonJS, and with `types` its declarations too. Does nothing when `build` is older.
 * @param {string} folder from the workspace's top folder
 */
export async function bundle(folder, { types }) {
  const home = join(root, folder);
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const build = join(home, 'build');
  const dist = join(home, 'dist');
  const stamp = join(home, 'node_modules', '.cache', types ? 'bundled-with-types' : 'bundled');
  if (existsSync(stamp) && existsSync(join(dist, 'index.js')) && statSync(stamp).mtimeMs > newest(home, build)) return;

  const { entries, commands } = modulesOf(manifest, home);
  if (types) rmSync(dist, { recursive: true, force: true });
  const { bundled, values } = await bundleCode(entries, commands, build, dist, home);
  if (types) await bundleTypes(manifest, { entries, values }, build, dist);
  if (bundled.length > 0) writeFileSync(join(dist, 'third-party.txt'), licencesOf(bundled));
  mkdirSync(join(home, 'node_modules', '.cache'), { recursive: true });
  writeFileSync(stamp, '');
}

/** The modules that package.json names, as they are called in `src`, `build` and `dist` alike, without their ending. */
function modulesOf(manifest, home) {
  const isModule = (name) => existsSync(join(home, 'src', `${name}.ts`));
  const names = (value) => [
    ...new Set([...JSON.stringify(value ?? {}).matchAll(/"\.\/dist\/([^"]+)\.js"/g)].map(([, name]) => name)),
  ];
  return {
    entries: names([manifest.exports, manifest.imports]).filter(isModule),
    commands: names(manifest.bin).filter(isModule),
  };
}

const inputs = (names, build, ending) =>
  Object.fromEntries(names.map((name) => [name, join(build, `${name}.${ending}`)]));

async function bundleCode(entries, commands, build, dist, home) {
  const { resolve } = createRequire(join(home, 'package.json'));
  const found = new Set();
  const plugin = {
    name: 'workspace',
    resolveId(id) {
      if (!BUNDLED.has(id)) return undefined;
      const file = resolve(id);
      found.add(file);
      return file;
    },
    // What tsc says about where its code comes from.
    load(file) {
      if (!existsSync(`${file}.map`)) return undefined;
      const code = readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '');
      return { code, map: JSON.parse(readFileSync(`${file}.map`, 'utf8')) };
    },
  };
  const bundleOf = (names) =>
    rollup({
      input: inputs(names, build, 'js'),
      external: (id) => !/^[./]/.test(id) && !BUNDLED.has(id),
      plugins: [plugin],
      // A warning is a mistake of ours.
      onwarn: (warning) => {
        throw new Error(warning.message);
      },
    });
  const values = new Map();
  // A command is started, never required; and being an ES module it may wait at its top level.
  for (const { format, js } of FORMS) {
    const made = await bundleOf(format === 'es' ? [...entries, ...commands] : entries);
    const { output } = await made.write({
      dir: dist,
      format,
      sourcemap: true,
      exports: 'named',
      minifyInternalExports: false,
      // As Node has it for a required ES module.
      footer: ({ exports }) =>
        format === 'cjs' && exports.includes(WHOLE) ? `module.exports = exports['${WHOLE}'];` : '',
      // Not where it lay on this machine; its text is in the map.
      sourcemapPathTransform: (path) => path.replace(/^.*node_modules\//, ''),
      entryFileNames: `[name].${js}`,
      chunkFileNames: `shared.${js}`,
    });
    await made.close();
    for (const { isEntry, name, exports } of output) if (isEntry) values.set(name, new Set(exports));
  }
  return { bundled: [...found], values };
}

/** Names as types what the code of an entry does not export: the plugin takes a class whose type alone is public for a value. */
const typesOnly = (code, values) =>
  code.replaceAll(/^export \{ (.*) \}(.*;)$/gm, (_all, list, from) => {
    const isValue = (item) => values.has(/[^ ]+$/.exec(item)[0].replaceAll('"', ''));
    const names = list.split(', ');
    const exported = (kind, some) => (some.length === 0 ? [] : [`${kind} { ${some.join(', ')} }${from}`]);
    const types = names.filter((item) => !isValue(item));
    return [...exported('export', names.filter(isValue)), ...exported('export type', types)].join(' ');
  });

async function bundleTypes(manifest, { entries, values }, build, dist) {
  const internal = new Set(Object.keys(manifest.imports ?? {}));
  const exported = new Set(JSON.stringify(manifest.exports).match(/(?<=\.\/dist\/)[^"]+(?=\.js")/g));
  const made = await rollup({
    input: inputs(
      entries.filter((name) => exported.has(name)),
      build,
      'd.ts',
    ),
    external: (id) => !/^[./]/.test(id) && !internal.has(id),
    plugins: [
      {
        name: 'internal-imports',
        // A reader of the types need not know how code is chosen for a page or for Node.
        resolveId(id) {
          const [, name] =
            /"default":"\.\/dist\/([^"]+)\.js"}?$/.exec(JSON.stringify(manifest.imports?.[id] ?? '')) ?? [];
          return name === undefined ? undefined : join(build, `${name}.d.ts`);
        },
      },
      { name: 'strip-internal', transform: (code, file) => ({ code: stripInternal(file, code), map: null }) },
      dts({ sourcemap: true }),
    ],
    onwarn: (warning) => {
      if (warning.code !== 'UNUSED_EXTERNAL_IMPORT') throw new Error(warning.message);
    },
  });
  for (const { js, types } of FORMS) {
    const nameCode = (file) => {
      if (file.isEntry) file.code = typesOnly(file.code, values.get(file.name));
      file.code = file.code?.replaceAll(/(from '\.[^']*?)(\.d)?\.[cm]?[jt]s'/g, `$1.${js}'`);
      if (js === 'cjs') file.code = file.code?.replace(WHOLE_EXPORTED, 'import { $1 }$2;\nexport = $1;');
    };
    await made.write({
      dir: dist,
      format: 'es',
      sourcemap: true,
      minifyInternalExports: false,
      entryFileNames: `[name].${types}`,
      chunkFileNames: `shared.${types}`,
      // The plugin imports declarations where code is meant.
      plugins: [{ name: 'endings', generateBundle: (_options, files) => Object.values(files).forEach(nameCode) }],
    });
  }
  await made.close();
}

/** When the newest of what a bundle is made of was written. */
function newest(home, build) {
  const files = readdirSync(build, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = [...files.map((entry) => join(entry.parentPath, entry.name)), join(home, 'package.json')];
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}
