import { LpError, thrownError } from './errors.ts';

const MOST_ERRORS = 10;

/**
 * The stack of what the code of the application threw, and below it those of what led to it: causes, and what an
 * AggregateError holds, ten in all. An error of these packages ends its branch, for its cause stands in no log.
 */
export function stackOf(error: Error): string {
  const told = new Set<unknown>();
  const stacks: string[] = [];
  const tell = (value: unknown, why: string) => {
    if (told.has(value) || told.size >= MOST_ERRORS) return;
    told.add(value);
    const shown = thrownError(value);
    stacks.push(why + (shown === value ? shown.stack : shown.message));
    if (LpError.isInstance(value)) return;
    for (const one of errorsOf(value)) tell(one, 'one of several: ');
    const cause = fieldOf(value, 'cause');
    if (cause !== undefined) tell(cause, 'caused by: ');
  };
  tell(error, '');
  return stacks.join('\n');
}

function errorsOf(value: unknown): unknown[] {
  const errors = fieldOf(value, 'errors');
  return Array.isArray(errors) ? errors.slice(0, MOST_ERRORS) : [];
}

/** A field of an Error; undefined where reading it throws. */
function fieldOf(value: unknown, name: 'cause' | 'errors'): unknown {
  try {
    return value instanceof Error ? (value as { cause?: unknown; errors?: unknown })[name] : undefined;
  } catch {
    return undefined;
  }
}
