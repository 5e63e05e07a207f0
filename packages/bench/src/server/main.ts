import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Command, Counts } from './commands.ts';
import { Echoes } from './echoes.ts';
import {
  ACCOUNT,
  consumerMessage,
  conversationId,
  foreignNotification,
  framesOf,
  padded,
  timestamp,
  userOf,
} from './frames.ts';
import { Outlet } from './outlet.ts';
import { type Population, Session } from './session.ts';

// A purpose-built server: it costs less than any client it feeds, so that the client is what is measured.

const SERVICES = ['agentVep', 'facadeMsg', 'asyncMessagingEnt', 'swift', 'msgHist', 'runtimeFormLogic'];

const [, , keyFile = '', certFile = ''] = process.argv;
const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, respondHttp);
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
/** The users that are connected, by their index. */
const sessions = new Map<number, Session>();
const echoes = new Echoes();
const ownNotification = framesOf(userOf(0)).conversationNotification;
let population: Population = { conversations: 0, historyLength: 0, queryMs: 0 };
let counts = freshCounts();

server.on('upgrade', (request: IncomingMessage, raw, head) => {
  counts.upgrades++;
  sockets.handleUpgrade(request, raw, head, (webSocket) => {
    const index = Number(/\/brand\/bench-(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
    const session = new Session({
      index,
      socket: webSocket,
      outlet: new Outlet(raw),
      echoes,
      population: () => population,
      counts: () => counts,
    });
    sessions.set(index, session);
    webSocket.on('message', (data: Buffer) => session.respond(data.toString()));
    webSocket.on('error', () => undefined);
    webSocket.on('close', () => {
      if (sessions.get(index) === session) sessions.delete(index);
    });
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
process.on('message', ({ id, command }: { id: number; command: Command }) => {
  void run(command).then((result) => process.send?.({ id, result }));
});

function freshCounts() {
  return { http: 0, upgrades: 0, requests: {} as Record<string, number>, mostQueriesAtOnce: 0, told: 0 };
}

async function run(command: Command): Promise<Counts | undefined> {
  switch (command.do) {
    case 'messages': {
      const { count, conversations: spread, from } = command;
      await sessions.get(0)?.outlet.flood(consumerMessage, count, (index) => ({
        conversation: conversationId((from + index) % spread),
        sequence: padded(Math.floor((from + index) / spread)),
        time: timestamp(index),
      }));
      return undefined;
    }
    case 'changes':
      await sessions
        .get(0)
        ?.outlet.flood(command.foreign === true ? foreignNotification : ownNotification, command.count, (index) => ({
          conversation: conversationId((command.from + index) % command.conversations),
          // Of a message that every stream has seen.
          sequence: padded(0),
          time: timestamp(command.from + index),
        }));
      return undefined;
    case 'populate':
      population = { queryMs: 0, ...command };
      echoes.clear();
      for (const session of sessions.values()) session.reset();
      return undefined;
    case 'talk':
      await Promise.all([...sessions.values()].map(({ conversations }) => conversations.talk(command)));
      return undefined;
    case 'awaitEchoes':
      await echoes.reach(command.count);
      return undefined;
    case 'drop':
      for (const { socket } of sessions.values()) socket.terminate();
      return undefined;
    case 'counts': {
      const seen = { ...counts, echoed: echoes.count, repeated: echoes.repeated };
      counts = freshCounts();
      return seen;
    }
  }
}

function respondHttp(request: IncomingMessage, response: ServerResponse): void {
  counts.http++;
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const baseURIs = SERVICES.map((service) => ({ service, account: ACCOUNT, baseURI: host }));
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    if (request.method === 'GET') return void response.end(JSON.stringify({ baseURIs }));
    response.setHeader('set-cookie', 'Session_id=bench; Path=/; HttpOnly');
    const name = /bench-\d+/.exec(text)?.[0] ?? 'bench-0';
    const { pid, userId } = userOf(Number(name.slice(6)));
    const config = { loginName: name, userId, userPid: pid };
    const csdsCollectionResponse = { baseURIs };
    response.end(
      JSON.stringify({ csrf: 'csrf', bearer: name, config, csdsCollectionResponse, sessionTTl: '28800000' }),
    );
  });
}
