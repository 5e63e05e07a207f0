import { checkOptionNames } from '@lp/core/internal';
import { type Click, type ClickAction, ClickActionSchema } from '@lp/schemas';
import { build, checkLength } from './build.ts';

const MAX_ID = 64;

/** Says a text in the consumer's name. */
export function say(text: string): ClickAction {
  return build('say', ClickActionSchema, { type: 'publishText', text });
}

/**
 * Opens a page, an app (`myapp://…`) or a call (`tel:…`). A click on it sends no text.
 *
 * @throws ConfigError for a link that runs code, such as `javascript:`.
 */
export function link(uri: string, options: { readonly target?: 'self' | 'blank' | 'slideout' } = {}): ClickAction {
  checkOptionNames('link', options, ['target']);
  return build('link', ClickActionSchema, { type: 'link', uri, ...options });
}

/** What a click does, with the id that comes back as `message.click.id`. */
export function clickOf(builder: string, action: ClickAction, id: string | undefined): Click {
  if (id === undefined) return { actions: [action] };
  checkLength(builder, 'an id', id, MAX_ID);
  return { actions: [action], metadata: [{ type: 'ExternalId', id }] };
}
