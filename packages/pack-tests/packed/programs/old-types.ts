// A program in the old form, as TypeScript: what its users asked types for.
import { promisify } from 'node:util';
import { Agent, type AgentConfig, AgentSurveyClient, type SDKError } from 'node-agent-sdk';

class Bot extends Agent {
  openConvs: Record<string, string> = {};

  constructor(conf: AgentConfig) {
    super(conf);
    this.on('connected', ({ ts }) => {
      this._pingClock = setInterval(() => this.getClock(), ts);
      this.subscribeExConversations({ agentIds: [this.agentId], convState: ['OPEN'] }, (error, response) => {
        if (!error) this.openConvs[response.subscriptionId] = 'mine';
      });
    });
    this.on('closed', (code) => {
      clearInterval(this._pingClock);
      this.openConvs[code.toFixed()] = 'closed';
      this.reconnect();
    });
    this.on('error', (error, context) => this.note(error.message, context?.location));
    this.on('cqm.ExConversationChangeNotification', ({ changes }) => {
      for (const { result, type } of changes) {
        const consumer = result.conversationDetails.participants.find(({ role }) => role === 'CONSUMER');
        this.getUserProfile(consumer?.id ?? type, (_, list) => this.note(list[0]?.info?.customerId));
      }
    });
    this.on('ms.MessagingEventNotification', ({ dialogId, changes }) => {
      for (const change of changes) {
        if (change.event.type !== 'ContentEvent' || change.originatorId === this.agentId) continue;
        this.publishEvent({
          dialogId,
          event: { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [change.sequence] },
        });
      }
    });
    this.on('notification', (frame) => {
      switch (frame.type) {
        case 'routing.RoutingTaskNotification':
          for (const { result } of frame.body.changes) this.note(result.ringsDetails[0]?.ringState);
          break;
        case 'ms.MessagingEventNotification':
          this.note(frame.body.dialogId);
          break;
        default:
      }
    });
    this.on('Bot.OwnEvent', (text: string) => this.note(text));
  }

  note(...texts: (string | undefined)[]): void {
    this.emit('Bot.Noted', texts);
  }
}

export async function clockOf(bot: Bot): Promise<number> {
  const { currentTime } = await promisify(bot.getClock)({});
  return currentTime;
}

export const codeOf = (error: SDKError): number | null => error.code;

export const surveys = (bot: Bot): AgentSurveyClient =>
  new AgentSurveyClient({ rflDomain: 'host', accountId: bot.accountId, token: bot.getBearerToken() });

export const conf = { accountId: '1', username: 'u', password: 'p', requestTimeout: 1_000, ownOption: true };
export const start = (): Bot => new Bot(conf);

// @ts-expect-error: a way to log in is asked for
export const wrong = (): Bot => new Bot({ accountId: '1' });
