// A bot that is asked to end in one of several ways, and says how long its process lived on after that.
import { writeSync } from 'node:fs';
import { connectAgent, createFileCursorStore } from '@lp/agent';
import { credentialsFromEnv } from '@lp/auth';

const { how, pending, cursorFile } = JSON.parse(process.env['LP_BOT'] ?? '{}') as {
  how: 'close' | 'drain' | 'abort';
  pending: number;
  cursorFile: string;
};
let closedAt = Number.NaN;
process.once('exit', () => writeSync(1, `exit ${performance.now() - closedAt}\n`));
const controller = new AbortController();
try {
  const agent = await connectAgent({
    ...credentialsFromEnv(),
    signal: controller.signal,
    cursors: createFileCursorStore(cursorFile),
  });
  await agent.setAgentState({ availability: 'ONLINE' });
  const serving = agent.serve(async (conversation) => {
    for await (const message of conversation.messages()) await conversation.send(`echo: ${message.text}`);
  });
  serving.catch(() => undefined);
  // The platform is told to leave these without a response.
  for (let n = 0; n < pending; n++) agent.request('.ams.ms.GenerateURLForUploadFile', {}).catch(() => undefined);
  writeSync(1, 'online\n');
  process.stdin.once('data', () => {
    // A pipe that is read keeps a process alive, and it is not the agent's.
    process.stdin.destroy();
    if (how === 'abort') controller.abort(new Error('asked to end'));
    const ended = how === 'close' ? agent.close() : how === 'drain' ? agent.drain({ timeoutMs: 1_000 }) : agent.closed;
    void ended.then(() => {
      closedAt = performance.now();
      writeSync(1, 'closed\n');
    });
  });
} catch {
  closedAt = performance.now();
  writeSync(1, 'rejected\n');
}
