import { builtinModules } from 'node:module';
import { posix } from 'node:path';

const TOP_FILES = new Set(['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json']);
// The word as a text of its own is no import.
const SPECIFIER = /(?<!['"])\b(?:from|import|require)\s*\(?\s*['"]([^'"\n]+)['"]/g;
const DEPENDENCY_FIELDS = ['dependencies', 'peerDependencies', 'optionalDependencies', 'devDependencies'];

/**
 * What is wrong with a package that is about to be published, one sentence each.
 * @param {ReadonlyMap<string, string>} files the text of each file by its path
 * @param {{ engines: object, license: string }} demands
 */
export function packageProblems(files, demands) {
  const text = files.get('package.json');
  if (text === undefined) return ['package.json is missing'];
  const manifest = JSON.parse(text);
  return [
    ...manifestProblems(manifest, demands),
    ...fileProblems(manifest, files),
    ...linkProblems(files),
    ...entryProblems(manifest, files),
    ...sourceMapProblems(files),
    ...importProblems(manifest, files),
  ];
}

function* manifestProblems(manifest, { engines, license }) {
  for (const field of ['description', 'keywords', 'exports', 'sideEffects']) {
    if (manifest[field] === undefined) yield `package.json has no "${field}"`;
  }
  if (!/^\d+\.\d+\.\d+/.test(manifest.version ?? '')) yield 'package.json has no version';
  if (manifest.license !== license) yield `the licence is not ${license}`;
  if (manifest.engines?.node !== engines.node) yield `"engines" does not ask for Node ${engines.node}`;
  if (manifest.publishConfig?.provenance !== true) yield '"publishConfig" does not ask for provenance';
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
    if (manifest.scripts?.[script] !== undefined) yield `it runs a script when it is installed (${script})`;
  }
  for (const field of DEPENDENCY_FIELDS) {
    for (const [name, range] of Object.entries(manifest[field] ?? {})) {
      if (/^(workspace|catalog|file|link):/.test(range))
        yield `${field}: ${name} is "${range}", which only a workspace knows`;
    }
  }
}

function* fileProblems({ files: named = ['dist', 'src'] }, files) {
  for (const path of ['README.md', 'LICENSE']) if (!files.get(path)) yield `${path} is missing`;
  for (const path of files.keys()) {
    if (!named.includes(path.split('/')[0]) && !TOP_FILES.has(path)) yield `${path} does not belong into the package`;
    else if (/\.tsbuildinfo$|\.(test|spec)\.|(^|\/)(test|tests|fixtures|__\w+__|\.[^/]+)\//.test(path))
      yield `${path} is for development only`;
    else if (/\.d\.[cm]?ts$/.test(path) && files.get(path).includes('@internal'))
      yield `${path} shows what is for the workspace alone (@internal)`;
  }
}

/** Whoever reads the package has no repository around it. */
function* linkProblems(files) {
  for (const [, target] of (files.get('README.md') ?? '').matchAll(/\]\(([^)\s]+)\)/g)) {
    if (!/^(https:|#)/.test(target) && !files.has(posix.normalize(target.replace(/#.*/, ''))))
      yield `README.md links to ${target}, which is not in the package`;
  }
}

/** The leaves of a map of conditions, each with the conditions that lead there. */
function leaves(value, conditions = []) {
  if (typeof value === 'string') return [{ target: value.replace(/^\.\//, ''), conditions }];
  return Object.entries(value).flatMap(([condition, inner]) => leaves(inner, [...conditions, condition]));
}

/** The conditions of the types that belong to code with these conditions. */
const typesBefore = (conditions) => [...conditions.slice(0, -1), 'types'].join();

const entriesOf = (manifest) =>
  ['exports', 'imports'].flatMap((field) =>
    Object.entries(manifest[field] ?? {}).flatMap(([name, value]) =>
      leaves(value).map((leaf) => ({ name: `${field} "${name}"`, field, ...leaf })),
    ),
  );

function* entryProblems(manifest, files) {
  const entries = entriesOf(manifest);
  for (const { name, target, conditions } of entries) {
    if (!files.has(target)) yield `${name} leads to ${target}, which is missing`;
    if (conditions.includes('@lp/source')) yield `${name} offers the sources under a condition of this workspace`;
  }
  for (const { name, field, target, conditions } of entries) {
    const [, ending] = /(\.c?)js$/.exec(target) ?? [];
    if (field !== 'exports' || ending === undefined) continue;
    // The types of a form stand before its code, and are of the same form.
    const types = entries.find((other) => other.name === name && other.conditions.join() === typesBefore(conditions));
    if (types?.target !== target.replace(/\.c?js$/, `.d${ending}ts`)) yield `${name} has no types before its code`;
  }
  for (const [name, value] of Object.entries(manifest.exports ?? {})) {
    if (typeof value === 'object' && (!value.import || !value.require)) yield `exports "${name}" lacks a form`;
  }
  for (const [name, target] of Object.entries(manifest.bin ?? {})) {
    const text = files.get(posix.normalize(target));
    if (!text?.startsWith('#!/usr/bin/env node\n')) yield `the command ${name} is no script for Node (${target})`;
  }
}

function* sourceMapProblems(files) {
  for (const [path, text] of files) {
    const beside = (relative) => posix.join(posix.dirname(path), relative);
    const map = /^\/\/# sourceMappingURL=(?!data:)(\S+)$/m.exec(text)?.[1];
    if (map !== undefined && !path.startsWith('src/') && !files.has(beside(map)))
      yield `${path} has a source map that is missing (${map})`;
    if (!path.endsWith('.map')) continue;
    const { sources, sourcesContent = [] } = JSON.parse(text);
    for (const [index, source] of sources.entries()) {
      if (!sourcesContent[index] && !files.has(beside(source)))
        yield `${path} points to ${source}, which is missing: left over from an earlier build? npm run clean takes it away`;
    }
  }
}

const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Everything that the entry points reach must be in the package, among what it depends on, or part of Node. */
function* importProblems(manifest, files) {
  const declared = new Set(
    ['dependencies', 'peerDependencies', 'optionalDependencies'].flatMap((field) => Object.keys(manifest[field] ?? {})),
  );
  const entries = entriesOf(manifest).filter(({ target }) => /\.c?js$|\.d\.c?ts$/.test(target));
  const commands = Object.values(manifest.bin ?? {}).map((target) => posix.normalize(target));
  const reached = new Set([...entries.map(({ target }) => target), ...commands]);
  // A set hands out what is added to it while it is being read.
  for (const path of reached) {
    const text = files.get(path);
    if (text === undefined) continue;
    const isTypes = /\.d\.c?ts$/.test(path);
    for (const [, specifier] of text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').matchAll(SPECIFIER)) {
      if (specifier.startsWith('#')) continue;
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(path), isTypes ? specifier.replace(/\.(c?)js$/, '.d.$1ts') : specifier);
        if (files.has(target)) reached.add(target);
        else yield `${path} imports ${specifier}, which is missing`;
        continue;
      }
      const name = packageOf(specifier);
      const isNode = specifier.startsWith('node:') || builtinModules.includes(specifier);
      if (isNode && !isTypes) continue;
      if (isNode ? !declared.has('@types/node') : !declared.has(name)) {
        yield `${path} imports ${specifier}, but ${isNode ? '@types/node' : name} is not among its dependencies`;
      }
    }
  }
}
