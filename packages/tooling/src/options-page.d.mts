/** What is called, the type of its options, and where that is exported. */
export const PAGES: readonly (readonly [string, string, string])[];
export function renderOptions(pages?: typeof PAGES): string;
