/** The documents by their file names, from what `@lp/schemas` exports. */
export function renderDocuments(schemas: object): Readonly<Record<'schema.json' | 'asyncapi.json', object>>;
