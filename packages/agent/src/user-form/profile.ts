import type { Sde, UserProfileRecord } from '../schemas/index.ts';

/** A user's profile. */
export interface UserProfile {
  readonly userId: string | undefined;
  /**
   * What is known about the consumer, as one list: the attributes of its token, the authenticated ones, then what the
   * profile's own fields say, in the same form.
   */
  readonly sdes: readonly Sde[];
  /** The profile as the platform sent it. */
  readonly profile: UserProfileRecord;
}

/** A profile with its attributes as one list. */
export function toUserProfile(profile: UserProfileRecord): UserProfile {
  const { claims, authenticatedData, acr } = profile;
  const claimed = listOf(claims?.lp_sdes).map((sde): Sde => ({ acr, iss: claims?.iss, ...sde }));
  const authenticated = listOf(authenticatedData?.lp_sdes).map((sde): Sde => ({ auth: {}, ...sde }));
  return {
    userId: profile.userId,
    sdes: [...claimed, ...authenticated, ...customerInfo(profile), ...personalInfo(profile)],
    profile,
  };
}

function listOf(sdes: readonly Sde[] | string | undefined): readonly Sde[] {
  return typeof sdes === 'string' ? [] : (sdes ?? []);
}

function customerInfo({ privateData }: UserProfileRecord): Sde[] {
  const info = { imei: privateData?.mobileNum, customerId: privateData?.userId };
  return isEmpty(info) ? [] : [{ type: 'ctmrinfo', info }];
}

function personalInfo({ firstName, lastName, privateData }: UserProfileRecord): Sde[] {
  const contact = { email: privateData?.mail ?? privateData?.email, phone: privateData?.mobileNum };
  const contacts = isEmpty(contact) ? undefined : [contact];
  const personal = { firstname: firstName, lastname: lastName, contacts };
  return isEmpty(personal) ? [] : [{ type: 'personal', personal }];
}

function isEmpty(fields: Readonly<Record<string, unknown>>): boolean {
  return Object.values(fields).every((value) => value === undefined || value === '');
}
