import { ConfigError } from '@lp/core';
import type { ClickAction } from '@lp/schemas';
import { checkLength } from './build.ts';
import { type Channel, limitsOf } from './channels.ts';

/** The characters of a URI, and a scheme before them. */
const URI = /^[a-z][a-z\d+.-]*:(?:[\w.~:/?#@!$&'()*+,;=-]|%[\da-f]{2})+$/i;

/** Refuses a click that a channel does not take. `whose` is "" or what it belongs to, as in "button 1 has ". */
export function checkClick(builder: string, whose: string, click: unknown, channel: Channel): void {
  const { actions = [], metadata } = (click ?? {}) as { actions?: readonly ClickAction[]; metadata?: unknown };
  const limits = limitsOf(channel);
  if (actions.length === 0 || actions.length > limits.actions)
    throw new ConfigError(`${builder}: ${whose}${actions.length} actions; ${channel} takes 1 to ${limits.actions}`);
  if (metadata !== undefined && !limits.ids)
    throw new ConfigError(`${builder}: ${whose}an id; ${channel} takes none: a press is told by its text`);
  for (const { type, ...fields } of actions) {
    if (limits.kinds?.includes(type) === false)
      throw new ConfigError(
        `${builder}: ${whose}an action of a kind that ${channel} has not, which takes ${limits.kinds.join(', ')}`,
      );
    const { text, uri } = fields as { text: string; uri: string };
    if (type === 'publishText') checkLength(builder, `${whose}a text to say`, text, limits.says);
    if (type !== 'link') continue;
    checkLength(builder, `${whose}a link`, uri, limits.link);
    if (!URI.test(uri))
      throw new ConfigError(`${builder}: ${whose}a link that is no URI: write what is not ASCII as %20 or the like`);
  }
}
