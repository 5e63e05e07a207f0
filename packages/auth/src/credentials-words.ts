import { nearestName } from '@lp/core/internal';

/** One way to log in, by the names of its fields. */
export interface Way {
  readonly name: string;
  readonly fields: readonly string[];
  readonly optional?: readonly string[];
}

const OPTIONAL_IDS = ['userId', 'userPid'];

/** The ways to log in with the names of their fields, in the order in which they are recommended. */
export const WAYS: readonly Way[] = [
  { name: 'client credentials', fields: ['username', 'clientId', 'clientSecret'] },
  { name: 'user and password', fields: ['username', 'password'] },
  { name: 'API key', fields: ['username', 'appKey', 'secret', 'accessToken', 'accessTokenSecret'] },
  { name: 'existing session', fields: ['token', 'csrf', 'sessionId'], optional: OPTIONAL_IDS },
  { name: 'own bearer', fields: ['token', 'userId'], optional: ['userPid'] },
  { name: 'SAML assertion', fields: ['assertion'] },
  { name: 'custom provider', fields: ['provider'] },
];
const NAMES = [...new Set(WAYS.flatMap(({ fields, optional = [] }) => [...fields, ...optional]))];
/** Fields that do not tell which way is meant. */
const SHARED: ReadonlySet<string> = new Set(['username', 'token', ...OPTIONAL_IDS]);

/** Says what is wrong with credentials: what is missing, too much, misspelt or empty. Never a value. */
export function describeCredentials(input: unknown): string {
  const list = `one of: ${WAYS.map(({ name, fields }) => `${name} (${fields.join(', ')})`).join('; ')}`;
  if (typeof input !== 'object' || input === null) return `credentials must be ${list}`;
  const given = Object.keys(input).filter((name) => (input as Record<string, unknown>)[name] !== undefined);
  const slips = given.filter((name) => !NAMES.includes(name));
  const ways = waysMeant(given);
  const [way] = ways;
  if (!way) {
    const hints = slips.map((slip) => hintFor(slip, NAMES)).filter((hint) => hint !== undefined);
    if (hints.length > 0) return `credentials: ${hints.join('; ')}`;
    return given.includes('username')
      ? `credentials hold a username and nothing to prove it with: give ${list}`
      : `credentials must be ${list}`;
  }
  if (ways.length > 1) return `credentials mix ${ways.map(({ name }) => name).join(' and ')}: give one way only`;
  const { name, fields, optional = [] } = way;
  const known = [...fields, ...optional];
  const missing = fields.filter((field) => !given.includes(field));
  const unknown = given.filter((field) => !known.includes(field));
  const hints = unknown.map((field) => hintFor(field, missing.length > 0 ? missing : known));
  if (missing.length > 0)
    return [`credentials for ${name} lack ${missing.join(', ')}`, ...hints.filter(Boolean)].join('; ');
  if (unknown.length > 0) {
    const shown = unknown.filter(isSayable);
    const what = shown.length > 0 ? `${shown.join(', ')}, which is not known there` : 'a field that is not known there';
    return [`credentials for ${name} hold ${what}`, ...hints.filter(Boolean)].join('; ');
  }
  return `credentials for ${name} hold an empty or malformed field among ${fields.join(', ')}`;
}

/** The ways that the given fields belong to; a token alone is a bearer, with what belongs to a session it is one. */
export function waysMeant(given: readonly string[]): readonly Way[] {
  const marked = WAYS.filter(({ fields }) => fields.some((field) => !SHARED.has(field) && given.includes(field)));
  const ownsToken = marked.some(({ fields }) => fields.includes('token'));
  const bearer = WAYS.filter(({ name }) => name === 'own bearer' && !ownsToken && given.some((f) => isOfBearer(f)));
  return [...marked, ...bearer];
}

function isOfBearer(field: string): boolean {
  return field === 'token' || OPTIONAL_IDS.includes(field);
}

function hintFor(slip: string, known: readonly string[]): string | undefined {
  if (!isSayable(slip)) return undefined;
  const bare = slip.replaceAll('_', '').toLowerCase();
  const meant = known.find((name) => name.toLowerCase() === bare) ?? nearestName(slip, known);
  return meant === undefined ? undefined : `${slip} is not known there, did you mean ${meant}?`;
}

// Somebody may have put a value where the name belongs.
function isSayable(name: string): boolean {
  return /^[A-Za-z_]\w{0,31}$/.test(name);
}
