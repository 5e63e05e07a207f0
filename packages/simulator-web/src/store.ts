import { useEffect, useState } from 'preact/hooks';
import { initialState, type State } from './state.ts';

let current = initialState;
const listeners = new Set<() => void>();

export const getState = (): State => current;

export function setState(change: (state: State) => State): void {
  const next = change(current);
  if (next === current) return;
  current = next;
  for (const listener of listeners) listener();
}

/** The page's state; the component is drawn anew when it changes. */
export function useStore(): State {
  const [state, show] = useState(current);
  useEffect(() => {
    const listener = () => show(current);
    listeners.add(listener);
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return state;
}
