const MOST_FACTS = 10;
const LONGEST_TEXT = 200;
const SECRET = /auth|bearer|cookie|credential|csrf|jwt|key|passw|secret|session|signature|token/i;

/**
 * What a plain object says, in words: its texts, numbers and flags, none whose name may be that of a secret. Undefined for
 * what says nothing so, and for everything else: an object of a class shows of itself what it chooses to.
 */
export function factsOf(value: unknown): string | undefined {
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return undefined;
    const facts = Object.entries(value as object)
      .filter(([name, fact]) => /^(?:string|number|boolean)$/.test(typeof fact) && !SECRET.test(name))
      .slice(0, MOST_FACTS)
      .map(
        ([name, fact]) => `${name}: ${typeof fact === 'string' ? JSON.stringify(fact.slice(0, LONGEST_TEXT)) : fact}`,
      );
    return facts.length === 0 ? undefined : `{ ${facts.join(', ')} }`;
  } catch {
    // Neither null nor undefined has a prototype, and a proxy may throw.
    return undefined;
  }
}
