import { isObject, objectField, optionalText, textField } from '../handlers/call.ts';
import { Refusal } from '../platform/model.ts';
import type { FaultPanel } from './fault-panel.ts';
import type { Actions, Started } from './page-api.ts';
import type { Person } from './person.ts';

type Fields = Readonly<Record<string, unknown>>;
type Reader<T> = (fields: Fields) => T;

const MAX_NAME = 80;

const dialogOf = (fields: Fields) => ({
  conversationId: textField(fields, 'conversationId'),
  dialogId: textField(fields, 'dialogId'),
});

/** Reads the body of each action. @throws Refusal that names what is wrong. */
const READERS: { readonly [A in keyof Actions]: Reader<Actions[A]> } = {
  start(fields) {
    const name = optionalText(fields, 'name') ?? '';
    if (name.length > MAX_NAME) throw new Refusal(400, `Bad request: name is longer than ${MAX_NAME} characters`);
    return {
      name,
      skillId: optionalText(fields, 'skillId') ?? '-1',
      message: optionalText(fields, 'message') ?? '',
    };
  },
  say: (fields) => ({ ...dialogOf(fields), text: textField(fields, 'text') }),
  typing: (fields) => ({ ...dialogOf(fields), chatState: textField(fields, 'chatState') }),
  read: (fields) => ({ ...dialogOf(fields), sequences: sequenceList(fields['sequences']) }),
  click: (fields) => ({
    ...dialogOf(fields),
    sequence: sequenceList([fields['sequence']])[0] as number,
    path: textField(fields, 'path'),
  }),
  close: dialogOf,
  fault(fields) {
    const { on } = fields;
    if (typeof on !== 'boolean') throw new Refusal(400, 'Bad request: on must be true or false');
    return {
      id: textField(fields, 'id'),
      on,
      values: objectField(fields, 'values') as Record<string, string | number>,
    };
  },
};

/** Carries out what the page's buttons ask for. */
export function actionsOf(person: Person, panel: FaultPanel) {
  const perform: { readonly [A in keyof Actions]: (body: Actions[A]) => Promise<Started | undefined> } = {
    start: async (body) => ({ conversationId: await person.start(body) }),
    say: (body) => quietly(person.say(body)),
    typing: (body) => quietly(person.typing(body)),
    read: (body) => quietly(person.read(body)),
    click: (body) => quietly(person.click(body)),
    close: (body) => quietly(person.close(body)),
    fault: async (body) => {
      panel.press(body);
      return undefined;
    },
  };
  const run = async <A extends keyof Actions>(name: A, fields: Fields) => perform[name](READERS[name](fields));

  return {
    knows: (name: string): name is keyof Actions => Object.hasOwn(READERS, name),
    /** @throws Refusal for a body that is wrong; Error when the platform refuses. */
    async perform(name: keyof Actions, body: unknown): Promise<Started | object> {
      if (!isObject(body)) throw new Refusal(400, 'Bad request: not a JSON object');
      return (await run(name, body)) ?? {};
    },
  };
}

async function quietly(done: Promise<void>): Promise<undefined> {
  await done;
}

function sequenceList(value: unknown): number[] {
  if (Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0)) return value as number[];
  throw new Refusal(400, 'Bad request: sequences must be whole numbers');
}
