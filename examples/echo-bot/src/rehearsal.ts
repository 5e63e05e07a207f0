import type { AgentOptions } from '@lp/agent';
import { startSimulator } from '@lp/simulator';

const SCRIPT = ['Hello, is anybody there?', 'My parcel has not arrived.'];

/** Runs the bot on a simulator, with a consumer who talks to it. */
export async function rehearse(bot: (options: AgentOptions, signal: AbortSignal) => Promise<void>): Promise<void> {
  await using simulator = await startSimulator();
  console.log(`A simulator is up at ${simulator.url}.`);
  const over = new AbortController();
  const running = bot(simulator.connectOptions, over.signal);
  const chat = await simulator.consumer({ firstName: 'Ada' }).startConversation();
  for (const line of SCRIPT) {
    console.log(`  Ada        ${line}`);
    await chat.say(line);
    const answer = await Promise.race([chat.next({ timeoutMs: 30_000 }), running]);
    console.log(`  Bot        ${answer?.text ?? '(no text)'}`);
  }
  over.abort();
  await running;
}
