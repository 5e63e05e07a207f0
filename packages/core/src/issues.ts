/** The part of a zod error that words need. */
export interface ReadableIssues {
  readonly issues: readonly {
    readonly code?: string | undefined;
    readonly path: readonly PropertyKey[];
    readonly expected?: unknown;
  }[];
}

/** Paths and expected types of what does not fit in one line, without any value. */
export function summarizeIssues(error: ReadableIssues, whole = 'the response'): string {
  return error.issues
    .map(({ path, code, expected }) => {
      const where = path.map(String).join('.') || whole;
      return `${where}: ${code === 'invalid_type' ? `expected ${String(expected)}` : 'not as expected'}`;
    })
    .join('; ');
}
