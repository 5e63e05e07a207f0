/** The page's files by name: `packages/simulator-web` writes them to `dist`. */
export const files: Readonly<Record<string, string>>;
