// Over 300 lines: one document, section by section, in the order in which it is read.
import { scenarios } from '../faults/all.ts';
import { GROUPS } from '../faults/scenario.ts';
import { figureRows } from '../fleet/figures.ts';
import type { Defence } from '../fleet/setting.ts';
import { megabytes } from '../lib/resources.ts';
import { oldBotFaults } from '../old-bot/faults.ts';
import type { OldBotRow } from '../old-bot/run-fault.ts';
import { kills } from './render-kills.ts';
import type { FaultSummary, Results, SecondSummary } from './results.ts';

/** The document of what the last runs found. */
export function renderReport(results: Results): string {
  const sections = [
    introduction(results),
    ...faults(results),
    ...oldBot(results),
    ...exits(results),
    ...chaos(results),
    ...kills(results),
    ...second(results),
    ...fuzz(results),
    ...floods(results),
    ...crowd(results),
    ...fleet(results),
    limits(),
  ];
  return `${sections.join('\n\n')}\n`;
}

function introduction(results: Results): string {
  const rows = results.faults ?? [];
  const lost = rows.reduce((sum, row) => sum + row.lost, 0);
  const repeating = new Set(scenarios.filter(({ repeats }) => repeats === true).map(({ id }) => id));
  const twice = rows.reduce((sum, row) => sum + (repeating.has(row.id) ? 0 : row.twice), 0);
  const late = rows.reduce((sum, row) => sum + (repeating.has(row.id) ? row.twice : 0), 0);
  return `# Reliability, measured

Made by the runs themselves: do not edit. In a clone of this repository:

| command | what it does |
|---|---|
| \`npm run faults\` | lets ${rows.length} faults strike a bot, each in a process of its own |
| \`npm run faults:old-bot\` | lets the faults that matter to it strike a bot of the old SDK, on that and on the package that takes its place |
| \`npm run exit\` | ends a bot in all ways there are, and waits for its process |
| \`npm run fuzz\` | feeds wrong frames and wrong HTTP responses to decoders and to a live agent |
| \`npm run chaos\` | random faults, one each second; then again with a bot that is killed |
| \`npm run kills\` | kills bots in the middle of forms and of streamed answers, and hands conversations off while faults strike |
| \`npm run second\` | random faults on a second platform, whose behaviour each seed draws at random |
| \`npm run soak\` | floods, very many conversations, and weeks of work |
| \`npm run crowd\` | ten thousand scripted consumers, and 50 agents that answer them, in one process |
| \`npm run fleet:chaos\` | kills, freezes and cuts off the workers of [a fleet](fleet.md), and restarts its database |
| \`npm run reliability\` | all of these, one after the other |

Short forms of all run in \`npm test\`. A run prints its seed, and \`SEED=… npm run chaos\` repeats it.

The bot answers each message with \`conversation.send(text, { inReplyTo: message })\` and marks it as read. The platform is
[the simulator](simulator.md), over real sockets. Where time is virtual, agent and platform share a clock that is moved on by
the test, with the production defaults of all waits: "5 s" means that a bot in production would have taken five seconds.

Consumers' messages lost in all of the fault table: **${lost}**. Answered twice: **${twice}**, and ${late} in the one row that [no client
can help](#what-this-does-not-show).`;
}

function faults({ faults: rows }: Results): string[] {
  if (!rows) return [];
  const sections = Object.entries(GROUPS).map(([group, title]) => {
    const lines = rows.filter(({ id }) => scenarioOf(id)?.group === group).map(faultLine);
    return `### ${title}\n\n| what is done | what becomes of it | after | lost | twice | alive | left behind | exit |\n|---|---|---|---|---|---|---|---|\n${lines.join('\n')}`;
  });
  return [
    `## Faults

In each of three conversations a message is said at the fault, one 50 ms later and one after 8 s or more. **Recovered** means
by itself; a code is that of the [typed error](errors.md) with which the agent ended, or with which connecting was refused: then
a new agent is started once the cause is removed, and answers what has waited. **After** is the virtual time from the fault to the
last answer to what was said in the first 50 ms (or to the error), the time that the fault itself lasts included. **Alive** means that
there was no unhandled rejection, exception or warning. **Left behind** are timers, listeners and handles after \`close()\`, and
**exit** is how long the process lived on after everything was closed, in real time. Secrets (passwords, keys, tokens, texts) were looked for in every log line, error, status event
and diagnostics message of each run.`,
    ...sections,
  ];
}

const scenarioOf = (id: string) => scenarios.find((scenario) => scenario.id === id);

function faultLine(row: FaultSummary): string {
  const { id, outcome, afterMs, lost, twice, unhandled, remains = 'nothing', exitAfterMs } = row;
  const became = outcome === 'recovered' ? 'recovered' : `\`${outcome}\``;
  const exit = exitAfterMs === undefined ? '–' : `${exitAfterMs} ms`;
  const what = scenarioOf(id)?.what ?? id;
  return `| ${what} | ${became} | ${seconds(afterMs)} | ${lost} | ${twice} | ${unhandled === 0 ? 'yes' : 'no'} | ${remains} | ${exit} |`;
}

function oldBot({ 'old-bot': rows }: Results): string[] {
  if (!rows) return [];
  const lines = oldBotFaults.map(({ id, what }) => {
    const of = (name: OldBotRow['package']) => oldBotCell(rows.find((row) => row.id === id && row.package === name));
    return `| ${what} | ${of('old')} | ${of('ours')} |`;
  });
  return [
    `## A bot written for the old SDK

An echo bot in the style of that SDK's example, a process that calls \`reconnect()\` in \`closed\`, the same file on both packages:
the registry's \`node-agent-sdk\` 1.2.0, and [\`@lp/node-agent-sdk\`](../packages/node-agent-sdk/README.md) under its name. Real time, over TLS.
In each of three conversations a message is said before the fault, at it, 50 ms later, and when it is over. After it the old package
was given 15 s. Shown are messages lost and answered twice of those said, logins because of the fault, and what became of the bot.

| what is done | \`node-agent-sdk\` | \`@lp/node-agent-sdk\` |
|---|---|---|
${lines.join('\n')}

A bot of the old form keeps no place: started again, it answers again what it is shown again, and what it publishes and is refused is
the program's own. The package cannot change that; [moving on](migrating-from-node-agent-sdk.md) does.`,
  ];
}

function oldBotCell(row: OldBotRow | undefined): string {
  if (!row) return '–';
  const { outcome, said, lost, twice, logins, afterMs } = row;
  const became = { recovered: `back after ${seconds(afterMs)}`, silent: '**never back**', ended: '**process ended**' };
  const counts = [
    ...(lost > 0 ? [`**${lost} of ${said} lost**`] : []),
    ...(twice > 0 ? [`**${twice} twice**`] : []),
    ...(lost + twice === 0 ? [`all ${said} once`] : []),
    ...(logins > 0 ? [`${count(logins)} login${logins === 1 ? '' : 's'}`] : []),
  ];
  return `${became[outcome]}; ${counts.join(', ')}`;
}

function exits({ exit: rows }: Results): string[] {
  if (!rows) return [];
  const lines = rows.map(({ what, exitAfterMs }) => `| ${what} | ${Math.round(exitAfterMs)} ms |`);
  return [
    `## The end of a process

With the machine's own clock, a file cursor store and a handler at work: how long the process lives on after the promise of
\`close()\` has resolved, with nothing that ends it.

| what is done | ends after |
|---|---|
${lines.join('\n')}`,
  ];
}

function chaos({ chaos: result }: Results): string[] {
  if (!result) return [];
  const { virtual, killed } = result;
  return [
    `## Chaos

One of 32 faults strikes each second while consumers go on talking. The policy of reconnecting is quicker than the default (1 to 2 s, without an end),
since faults that come each second would otherwise hit nobody; a bot that ends with a typed error is started again, as a supervisor does.

| | a bot that lives | a bot that is killed |
|---|---|---|
| conversations | ${count(virtual.conversations)} | ${count(killed.conversations)} |
| time | ${count(virtual.virtualSeconds)} s, virtual | ${count(killed.virtualSeconds)} s, ${killed.factor} times as fast as the machine's |
| faults | ${count(virtual.faults)} | ${count(killed.faults)} |
| messages of consumers | ${count(virtual.messages)} | ${count(killed.messages)} |
| not answered | **${virtual.lost}** | **${killed.lost}** |
| answered twice | **${virtual.twice}** | **${killed.twice}** |
| conversations out of order | **${virtual.unordered}** | **${killed.unordered}** |
| reconnects | ${count(virtual.reconnects)} | – |
| killed with SIGKILL | – | ${count(killed.kills)} |
| ended with a typed error and started again | ${virtual.restarts} | ${killed.ends} |
| from the last fault to the last answer | ${virtual.quietSeconds} s | – |
| memory of the agent in the end, and of a new one with the same conversations | ${megabytes(virtual.agentMemory)} and ${megabytes(virtual.newAgentMemory)} MB | – |
| seed | ${virtual.seed} | ${killed.seed} |
| took | ${virtual.realSeconds} s | ${killed.realSeconds} s |`,
  ];
}

function second({ second: result }: Results): string[] {
  if (!result) return [];
  const { runs, strikes } = result;
  const sum = (of: (run: SecondSummary['runs'][number]) => number): number =>
    runs.reduce((all, run) => all + of(run), 0);
  const lines = Object.entries(strikes)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, times]) => `| ${name} | ${count(times)} |`);
  return [
    `## A second platform

The simulator and the client were written by the same people, and may share a belief. This platform shares nothing with it: a
state machine of its own, which takes what the client sends and refuses to know what it means. How it behaves on its good days is
drawn anew for each seed: pages of the history of 1 to 50 events from either end, with or without their bounds; success as 200, 201 or
202; notifications before, after or long after the response that they belong to; messages before their conversation; numbers that no event
has, and beginnings other than 0; events that keep their metadata or lose it; a clock that is off by up to a day. The bot is
that of the README, with the default policy but for quicker dials. Conversations are assigned, offered, taken away and given back.

| | |
|---|---|
| seeds | ${count(runs.length)}, from ${result.seed} |
| virtual time of each, a strike each second | ${count(result.seconds)} s |
| messages of consumers | ${count(sum(({ messages }) => messages))} |
| not answered | **${sum(({ lost }) => lost)}** |
| answered twice | **${sum(({ twice }) => twice)}** |
| conversations out of order | **${sum(({ unordered }) => unordered)}** |
| times that the bot ended | **${sum(({ ends }) => ends.length)}** |
| connections made anew | ${count(sum(({ reconnects }) => reconnects))} |
| logins | ${count(sum(({ logins }) => logins))} |
| from the last strike to the last answer, at most | ${Math.max(...runs.map(({ quietSeconds }) => quietSeconds))} s |
| took | ${result.realSeconds} s |

| strike | times |
|---|---|
${lines.join('\n')}`,
  ];
}

function fuzz({ fuzz: result }: Results): string[] {
  if (!result) return [];
  const { decode, live, http } = result;
  const kinds = Object.entries(decode.kinds).map(([kind, times]) => `${kind} ${count(times)}`);
  const outcomes = Object.entries(http.outcomes).map(([outcome, times]) => `${outcome} ${count(times)}`);
  return [
    `## Fuzz

${result.frames} frames (every shape that is known, and all that the simulator sent in a run of all kinds) and ${result.httpResponses} kinds of HTTP responses are
changed in one to three places: parts are taken away, doubled, put elsewhere, or replaced by what is hostile (\`__proto__\` and \`constructor\` as
keys, long texts, deep nesting, huge numbers), or the text is cut, spliced and overwritten; one in twenty is bytes of no meaning. Seed ${result.seed}.

| | inputs | found |
|---|---|---|
| every decoder and the domain form | ${count(decode.inputs)} | nothing thrown; slowest ${decode.slowestMs.toFixed(1)} ms; memory ${megabytes(decode.memoryBefore)} → ${megabytes(decode.memoryAfter)} MB; ${kinds.join(', ')} |
| a live agent over a socket | ${count(live.inputs)} | connection kept, ${count(live.answered)} messages said in between all answered once; ${count(live.invalid)} status events about what could not be read; memory ${megabytes(live.memoryBefore)} → ${megabytes(live.memoryAfter)} MB |
| responses to look-up, login, history and survey | ${count(http.inputs)} | a typed error or a result each time: ${outcomes.join(', ')} |`,
  ];
}

function floods({ soak: result }: Results): string[] {
  if (!result) return [];
  const { unread, fast, many, weeks } = result;
  const streams = Object.entries(unread.streams).map(
    ([name, { buffered, dropped }]) => `| \`${name}\` | ${count(buffered)} | ${count(dropped)} |`,
  );
  return [
    `## Floods and weeks

**Nobody reads.** ${count(unread.notifications)} notifications arrive (${count(unread.perSecond)} a second, platform included) while streams of every kind are open and none is read.
Memory ${megabytes(unread.memoryBefore)} → ${megabytes(unread.memoryAfter)} MB. Slow consumers are told of, the account-wide stream of messages fails with \`SLOW_CONSUMER\`, and of
${count(unread.durable.said)} messages in the dialog whose reader had stopped, ${count(unread.durable.read)} are read in the end, in order.

| stream | held | dropped or replaced by newer |
|---|---|---|
${streams.join('\n')}

**The platform is faster than the bot.** ${count(fast.messages)} messages are said at once in 5 conversations: ${fast.lost} lost, ${fast.twice} answered twice, ${fast.unordered} conversations out of order; the agent
holds ${megabytes(Math.max(0, fast.agentMemory))} MB in the end; full streams told ${fast.slowConsumers} times.

**${count(many.conversations)} conversations at once**, each with a message: ${count(many.answered)} answered in ${many.realSeconds} s of one process with the platform in it, ${many.lost} lost, ${many.twice} twice.
One takes ${count(many.perConversation)} bytes, ${count(many.ofTheAgent)} of them in the agent.

**${weeks.days} days** of virtual time, a message every quarter of an hour, one lost connection a day: ${count(weeks.messages)} messages, ${weeks.lost} lost, ${weeks.twice} twice; ${count(weeks.refreshes)} refreshes
of the session, ${weeks.disconnects} disconnects; ${weeks.timers} timers in the end, and the agent holds ${megabytes(Math.max(0, weeks.agentMemory))} MB.`,
  ];
}

function crowd({ crowd: result }: Results): string[] {
  if (!result) return [];
  const { agents, answered, consumers, openBytes, peakBytes, realSeconds } = result;
  return [
    `## A crowd

${count(consumers)} scripted consumers, each with a conversation and a message in it, and ${agents} agents, which answer them as they come: platform,
consumers and agents in one process, with the heap of Node as it is by default. Resident memory: ${megabytes(openBytes)} MB once all have
said something, and ${megabytes(peakBytes)} MB at most; ${count(answered)} answered in ${realSeconds} s.`,
  ];
}

function fleet({ fleet: result }: Results): string[] {
  if (!result) return [];
  const { chaos: struck, defences, figures } = result;
  const all = Object.values(struck.strikes).reduce((sum, times) => sum + times, 0);
  const strikes = Object.entries(struck.strikes).map(([name, times]) => `| ${name} | ${times} |`);
  const tried = defences.map(
    ({ defence, most, what, with: withIt, without }) =>
      `| ${DEFENCES[defence]} | ${what} | ${most === 0 ? 0 : `≤ ${most}`} | **${withIt}** | ${without} |`,
  );
  const untried = (Object.keys(DEFENCES) as Defence[])
    .filter((name) => !defences.some(({ defence }) => defence === name))
    .map((name) => DEFENCES[name]);
  const rows = figureRows(figures).map(
    ({ measured, prototype, wanted, what }) => `| ${what} | ${measured} | ${wanted} | ${prototype} |`,
  );
  return [
    `## A fleet

${struck.workers} workers as processes with ${struck.logins} logins and ${struck.conversations} conversations on PostgreSQL and the simulator, with a proxy between each worker and
both. ${all} strikes, one after the other, hit random workers while consumers go on talking; the TTL is ${seconds(struck.ttlMs)}. All of them share
the machine's cores. Seed ${struck.seed}; it took ${count(struck.realSeconds)} s.

| strike | times |
|---|---|
${strikes.join('\n')}

${count(struck.messages)} messages: **${struck.lost}** lost, **${struck.twice}** answered twice, ${struck.unordered} conversations out of order; ${struck.crashes} workers ended by themselves, or not when they were asked to. Besides,
${struck.beyondPromise} answers were said twice since their process was stopped between gate and system call, which nobody can prevent; the fleet told ${struck.toldTwice} times
(\`answeredTwice\`) of an answer that came twice.

In runs of their own, one defence was switched off alone${untried.length > 0 ? ` (not shown yet: ${untried.join(', ')})` : ''}:

| without | what was done, and what is counted | there may be | with it | without it |
|---|---|---|---|---|
${tried.join('\n')}

In other runs, on ${figures.cores} cores that are shared by all of it, at a load of ${figures.loadBefore} before (\`npm run fleet:figures\` measures again):

| | measured | wanted | an early prototype |
|---|---|---|---|
${rows.join('\n')}${figures.failed ? `\n\nNot measured: ${figures.failed.join('; ')}.` : ''}`,
  ];
}

const DEFENCES: Readonly<Record<Defence, string>> = {
  gate: 'the gate at each write',
  lookUp: 'the look-up of answers',
  fence: 'the fence of positions by epoch',
  burial: 'burials',
  limiter: 'the limit of logins',
};

function limits(): string {
  return `## What this does not show

- A platform that reads what it was sent on a connection only after another has taken its place gives an answer a second time: when the
  bot looked into the history, the first one was not there yet. No client can tell, for it cannot take back what it has sent, and the
  platform does not compare. One row of the table shows it.
- Both platforms are simulated: what the real one does that is not documented is not in here.
- Virtual time leaves out what a slow network does within a connection, except where a fault delays it.
- Agent and platform share one process in all runs but the ones with killed bots and the ends of processes.`;
}

const count = (value: number): string => value.toLocaleString('en-US');
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
