import type { FaultsPort } from '../faults/create-faults.ts';
import type { Faults } from '../faults/faults.ts';
import type { Rule } from '../faults/rules.ts';
import { Refusal } from '../platform/model.ts';
import type { Actions, FaultField, FaultView } from './page-api.ts';

type Values = Readonly<Record<string, string | number>>;

interface Fault {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly lasting: boolean;
  readonly fields: readonly FaultField[];
  press(faults: Faults, values: Values): void;
}

const LATE: FaultField = { name: 'ms', label: 'By', choices: [500, 2_000, 8_000] };
const SHARE: FaultField = { name: 'share', label: 'Share', choices: [1, 0.5, 0.1] };
const REQUEST: FaultField = {
  name: 'type',
  label: 'Request',
  choices: ['PublishEvent', 'UpdateConversationField', 'UpdateRingState', 'QueryMessages', 'SetAgentState'],
};
const number = (values: Values, name: string): number => Number(values[name]);
const share = (values: Values) => ({ share: number(values, 'share') });

function strike(id: string, title: string, hint: string, press: Fault['press'], ...fields: FaultField[]): Fault {
  return { id, title, hint, lasting: false, press, fields };
}

function lasting(id: string, title: string, hint: string, press: Fault['press'], ...fields: FaultField[]): Fault {
  return { ...strike(id, title, hint, press, ...fields), lasting: true };
}

const FAULTS: readonly Fault[] = [
  strike('dropAll', 'Drop connections', 'Cuts the agents’ sockets without a close frame.', (faults) =>
    faults.dropAll(),
  ),
  strike(
    'closeWith',
    'Close connections',
    'Closes the agents’ sockets with a code.',
    (faults, values) => faults.closeWith(number(values, 'code'), 'Simulated failure'),
    { name: 'code', label: 'Code', choices: [1001, 1011, 1012, 4401, 4407] },
  ),
  strike('expireToken', 'Expire tokens', 'Bearers stop being valid; their sockets close with 4401.', (faults) =>
    faults.expireToken(),
  ),
  lasting('down', 'Platform down', 'Connections are cut and new ones refused. This page stays.', (faults) =>
    faults.down(),
  ),
  lasting('freeze', 'Freeze connections', 'Open sockets stop: nothing is read or written, not even pongs.', (faults) =>
    faults.freeze(),
  ),
  lasting('delay', 'Delay everything', 'Frames to agents come late, in order.', delayed('delay'), LATE),
  lasting('lateAnswers', 'Late responses', 'Responses come late, notifications on time.', delayed('lateAnswers'), LATE),
  lasting('slowReads', 'Slow reads', 'After each frame from an agent, the socket is not read.', delayed('slowReads'), {
    ...LATE,
    choices: [20, 200, 2_000],
  }),
  lasting('duplicate', 'Duplicate', 'Notifications come twice.', (f, values) => f.duplicate(share(values)), SHARE),
  lasting('reorder', 'Reorder', 'Notifications change places.', (f, values) => f.reorder(share(values)), SHARE),
  lasting('lose', 'Lose', 'Notifications get lost.', (f, values) => f.loseNotifications(share(values)), {
    ...SHARE,
    choices: [0.1, 0.5, 1],
  }),
  lasting('corrupt', 'Corrupt', 'Notifications are cut off in the middle.', (f, values) => f.corrupt(share(values)), {
    ...SHARE,
    choices: [0.1, 0.5, 1],
  }),
  lasting(
    'omitLastContentEvent',
    'Omit the last message',
    'Conversation changes come without the last content event.',
    (f, values) => f.omitLastContentEvent(share(values)),
    SHARE,
  ),
  lasting(
    'dropAnswers',
    'Drop responses',
    'Requests are carried out without a response.',
    (faults, values) => faults.dropAnswers(String(values['type'])),
    REQUEST,
  ),
  lasting(
    'failRequests',
    'Refuse requests',
    'Requests are refused and not carried out.',
    (faults, values) => faults.failRequests(String(values['type']), number(values, 'code')),
    REQUEST,
    { name: 'code', label: 'Code', choices: [429, 500, 503, 400] },
  ),
  lasting(
    'failLogin',
    'Refuse logins',
    'Logging in gets an error.',
    (faults, values) => faults.failLogin(number(values, 'status')),
    status(503, 500, 429, 401),
  ),
  lasting(
    'failUpgrade',
    'Refuse sockets',
    'The upgrade to a socket gets an error.',
    (faults, values) => faults.failUpgrade(number(values, 'status')),
    status(503, 409, 401, 429),
  ),
  lasting('hangUpgrade', 'Hang sockets', 'The upgrade to a socket gets no response.', (f) => f.hangUpgrade()),
  lasting(
    'csdsDown',
    'Look-up fails',
    'Looking up services gets an error.',
    (faults, values) => faults.csdsDown(number(values, 'status')),
    status(503, 500, 429),
  ),
];

function delayed(name: 'delay' | 'lateAnswers' | 'slowReads'): Fault['press'] {
  return (faults, values) => faults[name](number(values, 'ms'));
}

function status(...choices: number[]): FaultField {
  return { name: 'status', label: 'Status', choices };
}

/** The faults as buttons and switches. */
export class FaultPanel {
  readonly #faults: Faults;
  readonly #port: FaultsPort;
  /** What each switched-on fault has added; rules that are used up or cleared are no longer in force. */
  readonly #rules = new Map<string, readonly Rule[]>();

  constructor(faults: Faults, port: FaultsPort) {
    this.#faults = faults;
    this.#port = port;
  }

  views(): FaultView[] {
    return FAULTS.map(({ id, title, hint, lasting: stays, fields }) => {
      return { id, title, hint, lasting: stays, fields, on: this.#isOn(id) };
    });
  }

  /** @throws Refusal for a fault that does not exist, or a value that is none of its choices. */
  press({ id, on, values }: Actions['fault']): void {
    const fault = FAULTS.find((each) => each.id === id);
    if (!fault) throw new Refusal(400, 'There is no such fault');
    if (fault.lasting) this.#lift(id);
    if (!on) return;
    const chosen: Record<string, string | number> = {};
    for (const { name, choices } of fault.fields) {
      const value = values[name] ?? choices[0] ?? '';
      if (!choices.includes(value)) throw new Refusal(400, `${name} must be one of ${choices.join(', ')}`);
      chosen[name] = value;
    }
    const before = this.#port.rules.all;
    fault.press(this.#faults, chosen);
    const added = this.#port.rules.all.filter((rule) => !before.includes(rule));
    if (fault.lasting) this.#rules.set(id, added);
  }

  #isOn(id: string): boolean {
    if (id === 'down') return this.#port.isDown();
    if (id === 'freeze') return [...this.#port.sessions].some((session) => session.frozen);
    return (this.#rules.get(id) ?? []).some((rule) => this.#port.rules.all.includes(rule));
  }

  #lift(id: string): void {
    if (id === 'down') this.#port.setDown(false);
    if (id === 'freeze') for (const session of this.#port.sessions) if (session.frozen) session.thaw();
    if (id === 'hangUpgrade') this.#port.releaseHanging();
    for (const rule of this.#rules.get(id) ?? []) this.#port.rules.remove(rule);
    this.#rules.delete(id);
  }
}
