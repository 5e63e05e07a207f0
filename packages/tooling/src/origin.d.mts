export function manifestWithOrigin(manifest: object, folder: string, url: string): Record<string, unknown>;
export function readmeWithOrigin(text: string, url: string): string;
