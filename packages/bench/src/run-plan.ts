import { existsSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import type { SubjectName } from './client/main.ts';
import type { Figures } from './client/tasks.ts';
import type { Row } from './plan.ts';
import type { Platform, RunOptions } from './platform.ts';
import { conclude, type Results, type Rounds, type RowResult } from './results.ts';

/** Measures every row: in each round each subject once, so that what disturbs the machine disturbs all of them. */
export async function runPlan(
  platform: Platform,
  plan: readonly Row[],
  tell: (row: RowResult) => void,
): Promise<Results> {
  const rows: RowResult[] = [];
  for (const row of plan) {
    const result = conclude(row, await runRow(platform, row));
    rows.push(result);
    tell(result);
  }
  const [cpu] = cpus();
  return {
    at: new Date().toISOString(),
    node: process.version,
    cpu: cpu?.model ?? '',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()}`,
    versions: Object.fromEntries(COMPARED.map((name) => [name, versionOf(name)])),
    rows,
  };
}

const COMPARED = ['node-agent-sdk', 'ws', 'zod', 'undici'];

function versionOf(name: string): string {
  const file = findPackageJSON(name);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** A package's own description, from where it is loaded: not every package lets it be imported. */
function findPackageJSON(name: string): URL {
  let folder = new URL('.', import.meta.resolve(name));
  while (!existsSync(new URL('package.json', folder)) || folder.pathname.endsWith('/dist/'))
    folder = new URL('..', folder);
  return new URL('package.json', folder);
}

async function runRow(platform: Platform, row: Row): Promise<Rounds> {
  const all: Rounds = {};
  for (let round = 0; round < row.rounds; round++) {
    for (const subject of row.subjects) (all[subject] ??= []).push(await runOnce(platform, row, subject));
  }
  return all;
}

/** One subject's figures; none when it failed, which misses each of its targets. */
export async function runOnce(
  platform: Platform,
  row: Row,
  subject: SubjectName,
  how: RunOptions = row,
): Promise<Figures> {
  try {
    const { connect, tasks } = await platform.run(subject, row.task ? [row.task] : [], how);
    return tasks[0] ?? connect;
  } catch (error) {
    process.stderr.write(`${row.id}: ${error instanceof Error ? error.message : String(error)}\n`);
    return {};
  }
}
