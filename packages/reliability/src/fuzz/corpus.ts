import { consumerRequestRegistry, requestRegistry } from '@lp/schemas';
import { notifications } from '../../../schemas/test/fixtures/notifications.ts';
import { requests } from '../../../schemas/test/fixtures/requests.ts';
import { MARK } from '../lib/canary.ts';
import { World } from '../lib/world.ts';

/** Frames and HTTP responses to make wrong ones of. */
export interface Corpus {
  /** Text of frames to an agent. */
  readonly frames: readonly string[];
  /** Path of a request → the text of its response. */
  readonly http: ReadonlyMap<string, string>;
}

const SURVEY = JSON.stringify({
  questions: [{ id: '1', questionState: { questionStatus: 'show', replies: [{ id: 'a', name: 'yes' }] } }],
  agentSurveyContext: { agentSurveyStatus: 'open', lastActionTimeInMillis: 1, stateRevision: '1234567890123456789' },
});

/** Every shape that the platform is known to send, and everything that the simulator has sent in a run of all kinds. */
export async function collectCorpus(): Promise<Corpus> {
  const { frames, http } = await runOfAllKinds();
  const own = Object.values(notifications).map((frame) => JSON.stringify(frame));
  return { frames: [...new Set([...own, ...responseFrames(), ...frames].map(mark))], http };
}

function responseFrames(): string[] {
  const rows = Object.entries({ ...requestRegistry, ...consumerRequestRegistry });
  return rows.flatMap(([name, { responseTypes }]) => {
    const body = (requests as Record<string, { response: unknown } | undefined>)[name]?.response;
    return responseTypes.map((type) => JSON.stringify({ kind: 'resp', reqId: 'fuzz', code: 200, type, body }));
  });
}

// What people say must not be found in what is told of a frame.
function mark(text: string): string {
  return text.replaceAll(/"(message|note|text)":"(?:[^"\\]|\\.)*"/g, `"$1":"${MARK}"`);
}

async function runOfAllKinds(): Promise<Corpus> {
  const world = await World.start({ proxy: true, simulator: { seed: 77, quirks: { extraFields: true } } });
  const http = new Map([['/api/account/le12345678/forms/agent_survey/state', SURVEY]]);
  if (world.proxy) {
    world.proxy.onHttpBody = (path, body) => {
      if (body !== '') http.set(path.replace(/\?.*/, ''), body);
    };
  }
  const [conversationId = ''] = await world.serve(2);
  const { agent, simulator, time } = world;
  if (agent) {
    const conversation = agent.conversation(conversationId);
    await time.while(
      Promise.all([
        agent.subscribeAgentsState({}),
        conversation.setNote('a note'),
        conversation.setTyping('COMPOSING'),
        conversation.sendRichContent({ type: 'vertical', elements: [{ type: 'text', text: 'x' }] }),
        conversation.consumer(),
        agent.queryMessages({ dialogId: conversationId }),
        agent.request('no.Such$Type').catch(() => undefined),
        agent.history.conversation({ conversationId }),
        agent.history.agentStatus(),
        // Makes the agent look up a host that no option names.
        agent.survey.state({ conversationId, skillId: '-1' }).catch(() => undefined),
      ]),
      'requests of all kinds',
    );
    simulator.openConversations(1);
    await time.run(1_000);
    await time.while(conversation.close(), 'closing');
    await time.run(610_000);
  }
  const frames = simulator.recentFrames
    .filter(({ direction, kind }) => direction === 'out' && kind === 'agent')
    .map(({ text, frame }) => (frame?.kind === 'resp' ? text.replace(/"reqId":"[^"]*"/, '"reqId":"fuzz"') : text));
  await world.closeAgent();
  await world.closePlatform();
  return { frames, http };
}
