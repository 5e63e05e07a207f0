import { type Agent, type Conversation, connectAgent } from '@lp/agent';
import { type Rehearsal, show } from '@lp-examples/shared';

const BOT = { username: 'bot@example.com', skills: ['7'] };
const BEA = { username: 'bea@example.com', skills: ['8'] };

export const rehearsal: Rehearsal = {
  simulator: { agents: [BOT, BEA] },
  env: { LP_FALLBACK_SKILL: '8' },
  async play(simulator) {
    const { username = '', password = '' } = simulator.agents[1] ?? {};
    await using bea = await connectAgent({ ...simulator.connectOptions, credentials: { username, password } });
    await bea.setAgentState({ availability: 'ONLINE' });
    const ada = simulator.consumer({ firstName: 'Ada' });

    const taken = nextRing(bea);
    const first = await ada.startConversation({ skillId: '8', message: 'Hello Bea' });
    await (await taken).close();
    await first.closed;
    show('', 'Ada talked to Bea; now she comes back.');

    const again = nextRing(bea);
    const second = await ada.startConversation({ skillId: '7', message: 'Hello again' });
    show('Bot', (await second.next()).text);
    await (await again).send('Hello Ada, this is Bea.');
    show('Bea', (await second.next()).text);
  },
};

async function nextRing(agent: Agent): Promise<Conversation> {
  for await (const ring of agent.rings()) return await ring.accept();
  throw new Error('no ring came');
}
