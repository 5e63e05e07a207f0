import { ConfigError } from '@lp/core';

/** @throws ConfigError always. */
export function createFileCursorStore(): never {
  throw new ConfigError(
    'createFileCursorStore: a page has no files; keep cursors elsewhere by a CursorStore of your own',
  );
}

/** @throws ConfigError always. */
export function createFileDialogStore(): never {
  throw new ConfigError(
    'createFileDialogStore: a page has no files; keep dialogs elsewhere by a DialogStore of your own',
  );
}
