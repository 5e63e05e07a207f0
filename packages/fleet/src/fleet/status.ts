import type { LoginState } from '../worker/seat.ts';
import type { WorkerState } from '../worker/worker.ts';

/** What happens in this worker of the fleet. */
export type FleetStatusEvent =
  /** The worker has changed its state. `suspended`: it writes nothing until the engine responds again. */
  | { readonly type: 'worker'; readonly at: number; readonly worker: string; readonly state: WorkerState }
  /** A login has changed its state here; `error` is why it could not be connected. `lost`: another worker has it, or will: a drain had no time left to give it back. */
  | {
      readonly type: 'login';
      readonly at: number;
      readonly worker: string;
      readonly login: string;
      readonly epoch: number;
      readonly state: LoginState;
      readonly error?: Error;
    }
  /** The platform has refused a login for good: no worker tries it again until its credentials change or it is moved by hand. */
  | { readonly type: 'setAside'; readonly at: number; readonly login: string; readonly code: string }
  /**
   * A message got two answers with the same id: the login's owner before was frozen between its gate and the system call
   * that writes, or its bytes were on their way for very long. `sequence` is the second answer's.
   */
  | {
      readonly type: 'answeredTwice';
      readonly at: number;
      readonly worker: string;
      readonly login: string;
      readonly dialogId: string;
      readonly sequence: number;
    }
  /** This worker has found another silent for a whole TTL and has freed its logins. */
  | { readonly type: 'buried'; readonly at: number; readonly worker: string; readonly incarnation: string }
  /** The logins could not be read; those known before stay. */
  | { readonly type: 'loginsFailed'; readonly at: number; readonly error: Error };
