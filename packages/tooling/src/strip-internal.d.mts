export function stripInternal(file: string, code: string): string;
