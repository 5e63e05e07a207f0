// An agent's workspace in a page, as small as it can be: what packages/browser-tests bundles and opens.
import { ConfigError, connectAgent, createFileCursorStore, stopSignal } from '@lp/agent';

interface Settings {
  readonly accountId: string;
  readonly csdsDomain: string;
  readonly token: string;
  readonly userId: string;
}

const show = (id: string, text: string) => {
  const line = document.createElement('p');
  line.id = id;
  line.textContent = text;
  document.body.append(line);
};

/** What an attempt is refused with. */
async function refusal(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return 'nothing';
  } catch (error) {
    return ConfigError.isInstance(error) ? error.message : `another error: ${String(error)}`;
  }
}

async function main(): Promise<void> {
  const { token, userId, ...where } = JSON.parse(decodeURIComponent(location.hash.slice(1))) as Settings;
  const credentials = { token, userId };
  show('no-files', await refusal(() => createFileCursorStore('cursors.log')));
  show('no-signals', await refusal(() => stopSignal()));
  show('no-proxy', await refusal(() => connectAgent({ ...where, credentials, proxy: 'http://127.0.0.1:1' })));
  show('no-ca', await refusal(() => connectAgent({ ...where, credentials, tls: { ca: 'x' } })));
  const password = { username: 'bot@example.com', password: 'secret' };
  show('no-login', await refusal(() => connectAgent({ ...where, credentials: password, logger: false })));

  // As a page whose server logs in would: it asks for a session each time.
  const provider = () => Promise.resolve({ bearer: token, userId });
  const agent = await connectAgent({ ...where, credentials: { provider } });
  show('agent', agent.agentId);
  await agent.setAgentState({ availability: 'ONLINE' });
  void agent.serve(async (conversation) => {
    for await (const message of conversation.messages({ from: 'consumer' })) {
      const { file } = message;
      if (file) {
        const bytes = await file.download();
        await message.reply(`got ${bytes.byteLength} bytes`);
      } else if (message.text === 'send me a file') {
        await conversation.uploadFile(new Blob(['a,b\n1,2\n']), { fileType: 'TXT', caption: 'numbers' });
      } else if (message.text === 'what was said?') {
        const { dialogId } = message;
        const said = await agent.queryMessages({ dialogId });
        await message.reply(`${said.filter(({ event }) => event.type === 'ContentEvent').length} messages`);
      } else {
        await message.reply(`page: ${message.text}`);
      }
    }
  });
  show('ready', 'ready');
}

main().catch((error: unknown) => show('failed', String(error)));
