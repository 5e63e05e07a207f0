import { connection } from './connection.ts';
import { field } from './field.ts';
import { fieldHistory } from './field-history.ts';
import { frames } from './frames.ts';
import { reconnect } from './reconnect.ts';
import { responses } from './responses.ts';
import type { FaultScenario } from './scenario.ts';
import { session } from './session.ts';
import { start } from './start.ts';

/** Every fault of the table. */
export const scenarios: readonly FaultScenario[] = [
  ...connection,
  ...reconnect,
  ...start,
  ...session,
  ...frames,
  ...responses,
  ...field,
  ...fieldHistory,
];
