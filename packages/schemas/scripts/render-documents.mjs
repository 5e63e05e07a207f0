// The descriptions of the wire for programs in other languages, made of the schemas: a JSON Schema and an AsyncAPI document.
import * as z from 'zod';
import { renderAsyncApi } from './render-asyncapi.mjs';

/**
 * The documents by their file names.
 * @param {typeof import('../src/index.ts')} schemas what `@lp/schemas` exports
 */
export function renderDocuments(schemas) {
  const entries = nameEntries(schemas);
  return {
    'schema.json': {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: "Frames of LivePerson's messaging platform",
      description:
        'Under $defs: each exported schema by its name; the body of each request as `NAME.request`, of its response as `NAME.response`, and of each notification under its type.',
      $defs: render(entries, 'draft-2020-12', '#/$defs/'),
    },
    'asyncapi.json': renderAsyncApi(schemas, render(entries, 'draft-7', '#/components/schemas/')),
  };
}

/** The names under which each schema is found; its first one is where it stands, the others refer to that. */
function nameEntries(schemas) {
  const names = new Map();
  const add = (name, schema) => names.set(schema, [...(names.get(schema) ?? []), name]);
  for (const [name, value] of Object.entries(schemas))
    if (value instanceof z.core.$ZodType) add(name.replace(/Schema$/, ''), value);
  for (const [name, row] of Object.entries({ ...schemas.requestRegistry, ...schemas.consumerRequestRegistry })) {
    add(`${name}.request`, row.body);
    add(`${name}.response`, row.response);
  }
  for (const [type, schema] of Object.entries(schemas.NotificationSchemas)) add(type.replace(/^\./, ''), schema);
  return names;
}

function render(entries, target, prefix) {
  const registry = z.registry();
  for (const [schema, [name]] of entries) registry.add(schema, { id: name });
  const { schemas: rendered } = z.toJSONSchema(registry, {
    target,
    io: 'input',
    unrepresentable: 'any',
    uri: (id) => `${prefix}${id}`,
    override: ({ jsonSchema }) => {
      // What only `adviceOn` reads is put into words.
      const { advised } = jsonSchema;
      if (typeof advised !== 'number') return;
      delete jsonSchema.advised;
      jsonSchema.description = `More than ${advised} are not shown by every channel.`;
    },
  });
  const definitions = {};
  for (const [, [name, ...others]] of entries) {
    const { $schema: _dialect, $id: _id, id: _name, ...definition } = rendered[name];
    definitions[name] = definition;
    for (const other of others) definitions[other] = { $ref: `${prefix}${name}` };
  }
  return Object.fromEntries(Object.entries(definitions).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
