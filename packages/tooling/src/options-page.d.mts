export function renderOptions(): string;
