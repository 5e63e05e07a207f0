import type { Sde, UserProfileRecord } from '@lp/schemas';

/** A user's profile with every field the platform sent, and what is known of the person as one list. */
export type UserProfile = UserProfileRecord & {
  /** Engagement attributes from all sources: claims, authenticated data, and the profile's private data. */
  readonly sdes: readonly Sde[];
};

/** Gathers a profile's engagement attributes. Nothing of the profile is taken away. */
export function toUserProfile(record: UserProfileRecord): UserProfile {
  const { claims, authenticatedData, acr, privateData } = record;
  const sdes = [
    ...listOf(claims?.lp_sdes).map((sde) => ({
      ...(acr !== undefined && { acr }),
      ...(claims?.iss !== undefined && { iss: claims.iss }),
      ...sde,
    })),
    ...listOf(authenticatedData?.lp_sdes).map((sde) => ({ auth: {}, ...sde })),
    ...customerInfo(privateData),
    ...personalInfo(record),
  ] as Sde[];
  return { ...record, sdes };
}

// Consumers' tokens hold the list encrypted, as one text.
function listOf(sdes: readonly Sde[] | string | undefined): readonly Sde[] {
  return Array.isArray(sdes) ? sdes : [];
}

function customerInfo(privateData: UserProfileRecord['privateData']): object[] {
  const { mobileNum: imei, userId: customerId } = privateData ?? {};
  if (!imei && !customerId) return [];
  return [{ type: 'ctmrinfo', info: { ...(imei && { imei }), ...(customerId && { customerId }) } }];
}

function personalInfo({ firstName, lastName, privateData }: UserProfileRecord): object[] {
  const email = privateData?.mail ?? privateData?.email;
  const phone = privateData?.mobileNum;
  const contact = { ...(email && { email }), ...(phone && { phone }) };
  const personal = {
    ...(firstName && { firstname: firstName }),
    ...(lastName && { lastname: lastName }),
    ...(Object.keys(contact).length > 0 && { contacts: [contact] }),
  };
  return Object.keys(personal).length > 0 ? [{ type: 'personal', personal }] : [];
}
