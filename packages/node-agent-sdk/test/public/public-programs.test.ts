import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type PackageName, type Program, setStage } from '../support/program.ts';
import { connectors } from './connectors.ts';
import { type Scenario, scenarios } from './scenarios.ts';

// A folder with copies of the public repositories, their dependencies installed; nothing of them is kept here.
const COPIES = process.env['LP_PUBLIC_PROGRAMS'];
const available =
  COPIES === undefined
    ? []
    : [...scenarios, ...connectors].filter(({ repository }) => existsSync(join(COPIES, repository)));

// Hosts that programs name themselves.
const HOSTS = [
  'https://adminlogin.liveperson.net',
  'https://qa-objectstorage.dev.lprnd.net',
  'https://api.liveperson.net',
  'https://va-a.acr.liveperson.net',
  'https://va-a.ac.liveperson.net',
];

interface Outcome {
  readonly printed: string[];
  readonly transcript: string[];
  readonly requests: string[];
}

/** One conversation with a program as it is, on one of the two packages. */
async function play(scenario: Scenario, copies: string, as: PackageName): Promise<Outcome> {
  const stage = await setStage({ ...scenario.simulator, allowedOrigins: HOSTS });
  try {
    const folder = stage.place(join(copies, scenario.repository, scenario.folder), as, scenario.within);
    if (scenario.starter !== undefined) writeFileSync(join(folder, scenario.file), scenario.starter);
    for (const [placeholder, value] of Object.entries(scenario.fill ?? {})) {
      const file = join(folder, scenario.file);
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(placeholder, value));
    }
    for (const [name, text] of Object.entries(scenario.modules ?? {})) {
      mkdirSync(join(folder, 'node_modules', name), { recursive: true });
      writeFileSync(join(folder, 'node_modules', name, 'index.js'), text);
    }
    const { accountId, csdsDomain } = stage.simulator;
    const { password = '', username } = stage.simulator.agents[0] ?? {};
    // What the cluster reads its bots from.
    const bots = [{ accountId, csdsDomain, username, password }];
    writeFileSync(join(folder, scenario.file, '../bots.json'), JSON.stringify(bots));
    const env = { LP_PASSWORD: password, LP_CSDSDOMAIN: csdsDomain, ...scenario.env };
    const program = stage.run(join(folder, scenario.file), { loopback: true, env });
    const timer = setTimeout(() => void program.end('SIGKILL'), 15_000);
    const mask = masking();
    try {
      const chat = await scenario.play(stage, program).catch((error: unknown) => {
        throw new Error(`${program.output()}\n${program.errors()}`, { cause: error });
      });
      await quiet(program);
      await program.end('SIGKILL');
      const requests = stage.simulator.recentFrames
        .filter(({ kind, direction }) => kind === 'agent' && direction === 'in')
        .map(({ frame }) => {
          const { id: _, ...rest } = frame as { id: string };
          return mask(JSON.stringify(rest));
        });
      return {
        printed: program.output().split('\n').filter(isCertain).map(mask),
        transcript: chat.transcript.map(({ role, text, event }) => mask(`${role} ${event.type} ${text}`)),
        requests,
      };
    } finally {
      clearTimeout(timer);
    }
  } finally {
    await stage.end();
  }
}

/** Resolves when a program has printed nothing more for a while: what it is told last, nobody asks it for. */
async function quiet(program: Program): Promise<void> {
  for (let before = '', still = 0; still < 10; before = program.output()) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    still = program.output() === before ? still + 1 : 0;
  }
}

/** An agent's state from before the program sets it is told, or not: as its requests arrive together, or one by one. */
const isCertain = (line: string): boolean => !/AGENT_STATE_NOTIFICATION.*"OFFLINE"/.test(line);

/** Ids by their first appearance, and times: what differs from run to run. */
function masking(): (text: string) => string {
  const ids = new Map<string, string>();
  return (text) =>
    text
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
        if (!ids.has(id)) ids.set(id, `ID${ids.size}`);
        return ids.get(id) as string;
      })
      .replace(/\/\S*\/home-\w+/g, 'HOME')
      .replace(/localhost:\d+/g, 'HOST')
      .replace(/time +: \d+:\d+/g, 'TIME')
      .replace(/"ExternalId","id":"\d+"/g, '"ExternalId","id":"N"')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replace(/\d\d-\d\d-\d{4}_[\d-]+/g, 'TIME')
      .replace(/(?<![\d.])1\d{9}(\d{3})?(?!\d)/g, 'TIME')
      .replace(/[0-9a-f]{40}/g, 'SIGNATURE')
      .replace(/"newerThanSequence":-?\d+/g, '"newerThanSequence":N');
}

const describeWhere = available.length > 0 ? describe : describe.skip;

describeWhere('public programs, unchanged', () => {
  it.each(available.map((scenario) => [`${scenario.repository}/${scenario.file}`, scenario] as const))(
    '%s prints, says and asks what it does with the old package',
    async (_, scenario) => {
      const copies = COPIES as string;
      const old = await play(scenario, copies, { copy: join(copies, 'node-agent-sdk') });
      const ours = await play(scenario, copies, 'ours');
      const better = (line: string) =>
        Object.entries(scenario.better ?? {}).reduce((text, [from, to]) => text.replace(from, to), line);
      expect(ours).toEqual({ ...old, printed: old.printed.map(better) });
    },
    40_000,
  );
});
