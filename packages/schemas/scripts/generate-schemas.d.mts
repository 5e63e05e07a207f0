/** Every document by its path in docs/, from what `@lp/schemas` exports. */
export function renderDocuments(schemas: object): ReadonlyMap<string, string>;
