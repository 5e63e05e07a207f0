import { ConfigError } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import { isSchema, type StandardSchema } from './validation.ts';

/** Something that a bot remembers of a dialog. */
export interface DataDefinition<T> {
  /** Names it among a dialog's data. */
  readonly name: string;
  /** One more whenever what is kept changes its form. */
  readonly version: number;
  /** What it has to fit: a schema of any library that implements Standard Schema. */
  readonly schema: StandardSchema<T>;
  /** What there is before anything was kept. */
  readonly initial: () => NoInfer<T>;
  /** Makes what fits the schema out of what does not, as an older version has kept it. */
  readonly migrate?: ((old: unknown, version: number) => unknown) | undefined;
}

/**
 * Defines something that a bot remembers of a dialog; `conversation.data(definition)` gives it.
 *
 * @example
 * const Cart = defineData({
 *   name: 'cart',
 *   version: 1,
 *   schema: z.object({ items: z.array(z.string()) }),
 *   initial: () => ({ items: [] }),
 * });
 *
 * @throws ConfigError that names what is wrong with it.
 */
export function defineData<T>(definition: DataDefinition<T>): DataDefinition<T> {
  checkDefinition(definition);
  return Object.freeze({ ...definition });
}

/** @throws ConfigError for what defines no data. */
export function checkDefinition(definition: DataDefinition<unknown>): void {
  const checker = optionsChecker(definition, 'defineData');
  checker.known(['name', 'version', 'schema', 'initial', 'migrate']);
  checker.nothingElse();
  const { initial, migrate, name, schema, version } = definition;
  const rules: [boolean, string][] = [
    [typeof name === 'string' && name !== '', 'name must be a text that is not empty'],
    [name !== '__proto__', 'name must be another one'],
    [Number.isSafeInteger(version) && version >= 0, 'version must be a whole number of at least 0'],
    [isSchema(schema), 'schema must be a Standard Schema, such as one of zod or valibot'],
    [typeof initial === 'function', 'initial must be a function that gives what there is in the beginning'],
    [migrate === undefined || typeof migrate === 'function', 'migrate must be a function'],
  ];
  for (const [holds, rule] of rules) if (!holds) throw new ConfigError(`defineData: ${rule}`);
}
