import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Command, Counts } from './commands.ts';
import { Conversations } from './conversations.ts';
import {
  ACCOUNT,
  consumerMessage,
  conversationId,
  conversationNotification,
  firstNotification,
  historyOf,
  PID,
  padded,
  timestamp,
  USER_ID,
} from './frames.ts';
import { Outlet } from './outlet.ts';
import { textFrame } from './template.ts';

// A purpose-built server: it costs less than any client it feeds, so that the client is what is measured.

const SERVICES = ['agentVep', 'facadeMsg', 'asyncMessagingEnt', 'swift', 'msgHist', 'runtimeFormLogic'];
const FIRST_NOTIFICATION_SIZE = 100;

const [, , keyFile = '', certFile = ''] = process.argv;
const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, answerHttp);
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
let socket: WebSocket | undefined;
let outlet: Outlet | undefined;
const conversations = new Conversations(() => outlet);
let populated = { conversations: 0, historyLength: 0, queryMs: 0 };
let queries = 0;
let counts = freshCounts();

server.on('upgrade', (request: IncomingMessage, raw, head) => {
  counts.upgrades++;
  sockets.handleUpgrade(request, raw, head, (webSocket) => {
    socket = webSocket;
    const ownOutlet = new Outlet(raw);
    outlet = ownOutlet;
    webSocket.on('message', (data: Buffer) => answer(data.toString(), ownOutlet));
    webSocket.on('error', () => undefined);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
process.on('message', ({ id, command }: { id: number; command: Command }) => {
  void run(command).then((result) => process.send?.({ id, result }));
});

function freshCounts() {
  return { http: 0, upgrades: 0, requests: {} as Record<string, number>, mostQueriesAtOnce: 0 };
}

async function run(command: Command): Promise<Counts | undefined> {
  switch (command.do) {
    case 'messages': {
      const { count, conversations: spread, from } = command;
      await outlet?.flood(consumerMessage, count, (index) => ({
        conversation: conversationId((from + index) % spread),
        sequence: padded(Math.floor((from + index) / spread)),
        time: timestamp(index),
      }));
      return undefined;
    }
    case 'changes':
      await outlet?.flood(conversationNotification, command.count, (index) => ({
        conversation: conversationId((command.from + index) % command.conversations),
        // Of a message that every stream has seen.
        sequence: padded(0),
        time: timestamp(command.from + index),
      }));
      return undefined;
    case 'populate':
      populated = { queryMs: 0, ...command };
      conversations.reset(command.historyLength);
      return undefined;
    case 'talk':
      await conversations.talk(command);
      return undefined;
    case 'awaitEchoes':
      await conversations.awaitEchoes(command.count);
      return undefined;
    case 'drop':
      socket?.terminate();
      return undefined;
    case 'counts': {
      const { echoed, repeated } = conversations;
      const seen = { ...counts, echoed, repeated };
      counts = freshCounts();
      return seen;
    }
  }
}

function answerHttp(request: IncomingMessage, response: ServerResponse): void {
  counts.http++;
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const baseURIs = SERVICES.map((service) => ({ service, account: ACCOUNT, baseURI: host }));
  request.resume();
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    if (request.method === 'GET') return void response.end(JSON.stringify({ baseURIs }));
    response.setHeader('set-cookie', 'Session_id=bench; Path=/; HttpOnly');
    const config = { loginName: 'bench', userId: USER_ID, userPid: PID };
    const csdsCollectionResponse = { baseURIs };
    response.end(
      JSON.stringify({ csrf: 'csrf', bearer: 'bearer', config, csdsCollectionResponse, sessionTTl: '28800000' }),
    );
  });
}

function answer(text: string, to: Outlet): void {
  const id = valueOf(text, '"id":"');
  const type = valueOf(text, '"type":"');
  counts.requests[type] = (counts.requests[type] ?? 0) + 1;
  const say = (responseType: string, body: string, code = 200) =>
    to.write(textFrame(`{"kind":"resp","reqId":"${id}","code":${code},"body":${body},"type":"${responseType}"}`));
  switch (type) {
    case '.GetClock':
      return say('.GetClock$Response', '{"currentTime":1769463151775}');
    case '.ams.ms.PublishEvent': {
      const { body } = JSON.parse(text) as { body: Parameters<Conversations['publish']>[0] };
      return say('.ams.ms.PublishEvent$Response', `{"sequence":${conversations.publish(body)}}`);
    }
    case '.ams.ms.QueryMessages':
      return query(text, (body) => say('.ams.ms.QueryMessages$Response', body));
    case '.ams.aam.SubscribeExConversations':
      say('.ams.aam.SubscribeExConversations$Response', '{"subscriptionId":"e8ab7a66-94ad-4b2e-8d82-348975ff4ef3"}');
      return showConversations(to);
    case '.ams.routing.SubscribeRoutingTasks':
      return say('.ams.GenericSubscribe$Response', '{"subscriptionId":"53093abe-a982-4279-8d93-9504cd147b85"}');
    case '.ams.userprofile.GetUserProfile':
      return say('.ams.userprofile.GetUserProfile$Response', '{"firstName":"Ada","userId":"consumer"}');
    default:
      return say('.ReqBody$StringResp', '"OK"');
  }
}

function query(text: string, say: (body: string) => void): void {
  const { dialogId, newerThanSequence } = (
    JSON.parse(text) as { body: { dialogId: string; newerThanSequence: number } }
  ).body;
  const index = Number(dialogId.slice(-12));
  counts.mostQueriesAtOnce = Math.max(counts.mostQueriesAtOnce, ++queries);
  const history = newerThanSequence < populated.historyLength - 1 ? historyOf(index, populated.historyLength) : [];
  const answerNow = () => {
    queries--;
    say(JSON.stringify(history.slice(newerThanSequence + 1)));
  };
  if (populated.queryMs > 0) setTimeout(answerNow, populated.queryMs);
  else answerNow();
}

function showConversations(to: Outlet): void {
  for (let from = 0; from < populated.conversations; from += FIRST_NOTIFICATION_SIZE) {
    const until = Math.min(from + FIRST_NOTIFICATION_SIZE, populated.conversations);
    to.write(textFrame(firstNotification(from, until, populated.historyLength - 1)));
  }
}

function valueOf(text: string, key: string): string {
  const start = text.indexOf(key) + key.length;
  return text.slice(start, text.indexOf('"', start));
}
