export function publishedFolders(): string[];
