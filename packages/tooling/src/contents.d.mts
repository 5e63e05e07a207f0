/** What is wrong with a package that is about to be published, one sentence each. */
export function packageProblems(
  files: ReadonlyMap<string, string>,
  demands: { engines: { node: string }; license: string },
): string[];
