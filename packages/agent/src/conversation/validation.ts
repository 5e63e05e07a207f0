import type { Message } from './message.ts';

/** What checks an answer: a schema of any library that implements Standard Schema (zod, valibot, arktype, …). */
export interface StandardSchema<T> {
  /** The standard's own part: zod, valibot, arktype and others have it. */
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
  };
}

type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly ValidationIssue[] };

/** What is wrong with a value, as Standard Schema has it. */
export interface ValidationIssue {
  /** In words. */
  readonly message: string;
  /** Where it is wrong. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Checks an answer: a schema, or a function that gives the value or throws. */
export type Validation<T> = StandardSchema<T> | ((text: string, message: Message) => T | Promise<T>);

/** A value, or what is wrong with the answer, in words for the consumer where the schema has any. */
export type Validated<T> = { readonly value: T } | { readonly issue: string | undefined };

/** Checks an answer. Never rejects. */
export async function validate<T>(validation: Validation<T>, message: Message): Promise<Validated<T>> {
  const { text } = message;
  if (text === undefined) return { issue: undefined };
  try {
    if (!isSchema(validation)) return { value: await validation(text, message) };
    const result = await validation['~standard'].validate(text);
    return result.issues === undefined ? { value: result.value } : { issue: result.issues[0]?.message };
  } catch {
    return { issue: undefined };
  }
}

/** Whether this can check an answer. */
export function isValidation(value: unknown): value is Validation<unknown> {
  return typeof value === 'function' || isSchema(value);
}

/** Whether this is a schema. Those of some libraries are functions. */
export function isSchema(value: unknown): value is StandardSchema<unknown> {
  const standard = (value as { '~standard'?: { validate?: unknown } } | null | undefined)?.['~standard'];
  return typeof standard?.validate === 'function';
}
