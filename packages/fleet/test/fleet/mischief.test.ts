import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFleet, type FleetOptions } from '@lp/fleet';
import { postgresEngine } from '@lp/fleet/postgres';
import { type LocalPostgres, startPostgres } from '@lp/local-postgres';
import type { SimulatedChat, Simulator } from '@lp/simulator';
import pg from 'pg';
import { echo, type Running, startPlatform, startWorker, until } from './support.ts';

// What people do to a database with psql, or its operators to a server, while two workers serve.
const LOGINS = 4;
const TTL_MS = 1_500;
let server: LocalPostgres;
let simulator: Simulator;
let options: FleetOptions;
let running: Running[];
let chats: SimulatedChat[];
let said = 0;

/** Runs statements one after the other, in another database of the server, so that ours may be shut. */
async function psql(...statements: string[]): Promise<void> {
  const client = new pg.Client(server.url);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const url = () => server.url.replace(/postgres$/, 'fleet');

/** The same in the fleet's own database. */
async function inFleet(statement: string): Promise<void> {
  const client = new pg.Client(url());
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A setting of the server, for longer than a TTL. */
async function whileSet(setting: string, value: string): Promise<void> {
  await psql(`alter system set ${setting} = '${value}'`, 'select pg_reload_conf()');
  await pause(1.5 * TTL_MS);
  // Whoever is hindered by it too sets it back on its own connection.
  const client = new pg.Client(`${server.url}?options=-c%20${setting}%3D0`);
  await client.connect();
  await client.query(`alter system reset ${setting}`);
  await client.query('select pg_reload_conf()');
  await client.end();
}

beforeAll(async () => {
  server = await startPostgres();
  await psql('create database fleet');
  ({ simulator, options } = await startPlatform(LOGINS));
  options = { ...options, ttlMs: TTL_MS };
  running = [];
  for (const name of ['a', 'b']) running.push(await startWorker(name, postgresEngine(url()), options));
  chats = await Promise.all(Array.from({ length: 2 * LOGINS }, () => simulator.consumer().startConversation()));
}, 60_000);

afterAll(async () => {
  await Promise.all(running.map(({ fleet }) => fleet.drain()));
  await simulator.close();
  await server.close();
});

/** Everybody says something more. */
async function sayAll(): Promise<void> {
  said++;
  for (const chat of chats) await chat.say(`message ${said}`);
}

const answersOf = ({ transcript }: SimulatedChat) =>
  transcript.filter(({ from }) => from === 'agent').map(({ text }) => text);
const expected = () => Array.from({ length: said }, (_, i) => `echo: message ${i + 1}`);

describe('a fleet answers everything once, in order, when', () => {
  it.each<[string, () => Promise<void>]>([
    ['nothing happens', async () => undefined],
    ['the rows of all workers are deleted', () => inFleet('delete from lp_fleet.workers')],
    ['the rows of all logins are deleted', () => inFleet('delete from lp_fleet.logins')],
    ['all positions are deleted', () => inFleet('delete from lp_fleet.cursors')],
    ['all logins are taken from their owners', () => inFleet('update lp_fleet.logins set owner = null')],
    ['epochs are counted up by hand', () => inFleet('update lp_fleet.logins set epoch = epoch + 7')],
    ['a beat is set back by hand', () => inFleet('update lp_fleet.workers set beat = 0')],
    [
      'logins are given to the other worker by hand',
      () =>
        inFleet(
          'update lp_fleet.logins l set owner = (select incarnation from lp_fleet.workers w where w.incarnation <> l.owner limit 1)',
        ),
    ],
    [
      'a table is locked for longer than a TTL',
      () => inFleet(`begin; lock table lp_fleet.workers; select pg_sleep(${(1.5 * TTL_MS) / 1_000}); commit`),
    ],
    ['the server turns read-only for longer than a TTL', () => whileSet('default_transaction_read_only', 'on')],
    ['no statement is given time', () => whileSet('statement_timeout', '1ms')],
    ['idle sessions are ended at once', () => whileSet('idle_session_timeout', '20ms')],
    [
      'no connection is let in, and those there are end',
      async () => {
        await psql(
          'alter database fleet allow_connections false',
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'fleet'`,
        );
        await pause(1.5 * TTL_MS);
        await psql('alter database fleet allow_connections true');
      },
    ],
    [
      'the whole schema is dropped, and the next worker that starts makes it anew',
      async () => {
        await inFleet('drop schema lp_fleet cascade');
        await pause(TTL_MS / 2);
        const next = await createFleet({ ...options, engine: postgresEngine(url()), name: 'c' });
        running.push({ fleet: next, served: next.serve(echo) });
      },
    ],
  ])(
    '%s',
    async (_what, happen) => {
      await sayAll();
      const happened = happen();
      await sayAll();
      await happened;
      await sayAll();
      await until('all are answered', () => chats.every((chat) => new Set(answersOf(chat)).size === said), 120_000);
      for (const chat of chats) expect(answersOf(chat)).toEqual(expected());
      const { logins } = await (running[0] as Running).fleet.view();
      expect(logins.map(({ aside, owner }) => [aside, owner === undefined])).toEqual(
        Array.from({ length: LOGINS }, () => [undefined, false]),
      );
    },
    150_000,
  );
});
