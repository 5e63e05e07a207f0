interface Sde {
  type?: string;
  acr?: unknown;
  iss?: unknown;
  auth?: object;
  info?: Record<string, unknown>;
  personal?: Record<string, unknown>;
}

/** A profile as the platform sends it. */
interface ProfileRecord {
  acr?: unknown;
  firstName?: string;
  lastName?: string;
  authenticatedData?: { lp_sdes?: Sde[] } | null;
  claims?: { iss?: unknown; lp_sdes?: Sde[] } | null;
  privateData?: { mobileNum?: string; userId?: string; email?: string } | null;
}

/** The profile as the list of SDEs that programs know: those of the claims, the authenticated ones, `ctmrinfo`, `personal`. */
export function toSdeList(profile: unknown): Sde[] {
  const { acr, firstName, lastName, authenticatedData, claims, privateData } = profile as ProfileRecord;
  const { mobileNum, userId, email } = privateData || {};
  const list: Sde[] = [];
  for (const sde of claims?.lp_sdes ?? []) list.push(Object.assign(sde, { acr, iss: claims?.iss }));
  for (const sde of authenticatedData?.lp_sdes ?? []) list.push(Object.assign(sde, { auth: {} }));
  const info = { ...(mobileNum && { imei: mobileNum }), ...(userId && { customerId: userId }) };
  if (Object.keys(info).length > 0) list.push({ type: 'ctmrinfo', info });
  const personal = {
    ...(firstName && { firstname: firstName }),
    ...(lastName && { lastname: lastName }),
    ...((email || mobileNum) && { contacts: [{ email, phone: mobileNum }] }),
  };
  if (Object.keys(personal).length > 0) list.push({ type: 'personal', personal });
  return list;
}
