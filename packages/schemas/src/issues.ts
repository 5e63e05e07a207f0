import type * as z from 'zod';

/** What is wrong with a value, by place: never the value itself. */
export interface SchemaIssue {
  /** Where, as in `changes.0.result.convId`; empty for the value as a whole. */
  readonly path: string;
  /** What is expected there, as in `string` or `at most 8000 characters`. */
  readonly expected: string;
}

/** A zod issue with the path that leads to it from the value as a whole. */
export interface PlacedIssue {
  readonly path: readonly PropertyKey[];
  readonly issue: z.core.$ZodIssue;
}

/** The issues at the leaves: of a union that failed, those of the member that fits the value best. */
export function flattenIssues(issues: readonly z.core.$ZodIssue[], prefix: readonly PropertyKey[] = []): PlacedIssue[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ path, issue }];
    return flattenIssues(bestMember(issue.errors), path);
  });
}

// A member that failed on the value as a whole is not the one that was meant when another failed inside of it; nor is
// one that failed on its literal or its discriminator.
function bestMember(members: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  // Nor is the member for names that are not known, when the name is known.
  const named = members.filter((issues) => !issues.some((issue) => issue.code === 'custom' && issue.params?.['other']));
  const inside = named.filter((issues) => issues.every(({ path }) => path.length > 0));
  const likely = [inside, named, members].find((some) => some.length > 0) ?? [];
  const meant = likely.find((issues) =>
    issues.every(({ code }) => code !== 'invalid_union' && code !== 'invalid_value'),
  );
  return meant ?? likely.at(-1) ?? [];
}

/** The issues of a failed parse as places and expectations. Holds no value, so it may be logged. */
export function describeIssues(error: z.core.$ZodError): SchemaIssue[] {
  return flattenIssues(error.issues).map(({ path, issue }) => ({
    path: path.map(String).join('.'),
    expected: expectation(issue),
  }));
}

/** Issues in one line; what is wrong with the value as a whole is told of `whole`. */
export function listIssues(issues: readonly SchemaIssue[], whole = 'the whole'): string {
  return issues.map(({ path, expected }) => `${path === '' ? whole : path} must be ${expected}`).join('; ');
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unit(issue.origin)}`;
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit(issue.origin)}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'unrecognized_keys':
      return `no key ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_union':
      return 'options' in issue ? oneOf(issue.options) : 'a known value';
    case 'invalid_format':
      if (issue.format === 'regex') return 'another form';
      return issue.format === 'url' ? issue.message : issue.format;
    case 'custom':
      return issue.message;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_key':
    case 'invalid_element':
      return issue.code;
  }
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' items' : '';
}

function oneOf(values: readonly unknown[] = []): string {
  return values.map((value) => JSON.stringify(value)).join(' | ');
}
