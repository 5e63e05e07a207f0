import * as z from 'zod';
import { looseObject } from './objects.ts';
import { openEnum, optionalNumber, optionalText, otherName } from './primitives.ts';

/** Who vouches for an engagement attribute. */
export const SdeAuthSchema = looseObject(() => ({ amr: z.array(z.string()).optional(), iss: optionalText }));

const DaySchema = looseObject(() => ({
  day: optionalNumber,
  month: optionalNumber,
  year: optionalNumber,
}));

const vouched = { acr: optionalText, iss: optionalText, auth: SdeAuthSchema.optional() };

/** What the brand knows of its customer. */
export const CustomerInfoSdeSchema = looseObject(() => ({
  type: z.literal('ctmrinfo'),
  info: z
    .looseObject({
      cstatus: optionalText,
      ctype: optionalText,
      customerId: optionalText,
      balance: optionalNumber,
      socialId: optionalText,
      imei: optionalText,
      userName: optionalText,
      companySize: optionalNumber,
      accountName: optionalText,
      role: optionalText,
      lastPaymentDate: DaySchema.optional(),
      registrationDate: DaySchema.optional(),
    })
    .optional(),
  ...vouched,
}));
export type CustomerInfoSde = z.infer<typeof CustomerInfoSdeSchema>;

/** Who the consumer is. */
export const PersonalInfoSdeSchema = looseObject(() => ({
  type: z.literal('personal'),
  personal: z
    .looseObject({
      firstname: optionalText,
      lastname: optionalText,
      age: z
        .looseObject({
          age: optionalNumber,
          year: optionalNumber,
          month: optionalNumber,
          day: optionalNumber,
        })
        .optional(),
      contacts: z.array(z.looseObject({ email: optionalText, phone: optionalText })).optional(),
      gender: openEnum(['MALE', 'FEMALE', 'OTHER']).optional(),
      language: optionalText,
      company: optionalText,
    })
    .optional(),
  ...vouched,
}));
export type PersonalInfoSde = z.infer<typeof PersonalInfoSdeSchema>;

const knownSdes = z.discriminatedUnion('type', [CustomerInfoSdeSchema, PersonalInfoSdeSchema]);

/** An engagement attribute of a kind that is not known here. */
export const OtherSdeSchema = looseObject(() => ({
  type: otherName(['ctmrinfo', 'personal'], 'the fields of its type'),
  ...vouched,
}));
export type OtherSde = z.infer<typeof OtherSdeSchema>;

/** An engagement attribute. */
export const SdeSchema = z.union([knownSdes, OtherSdeSchema]);
/** An engagement attribute: what is known of a consumer, by its type. */
export type Sde = z.infer<typeof SdeSchema>;

// A token's own attributes come encrypted, as one text.
const SdesSchema = z.union([z.array(SdeSchema), z.string()]).optional();

/** A user's profile as the server sends it; about oneself it holds `userId` alone. */
export const UserProfileSchema = looseObject(() => ({
  /** The old id. */
  userId: optionalText,
  /** First name. */
  firstName: optionalText,
  /** Last name. */
  lastName: optionalText,
  /** What agents see where there is no name. */
  nickName: optionalText,
  /** Address of a picture. */
  avatarUrl: optionalText,
  /** `CONSUMER`, or what an agent does. */
  role: optionalText,
  /** Address of a picture for the background. */
  backgndImgUri: optionalText,
  /** A text about the user. */
  description: optionalText,
  /** Telephone, mail and the like. */
  privateData: z
    .looseObject({
      mobileNum: optionalText,
      mail: optionalText,
      email: optionalText,
      /** The old id. */
      userId: optionalText,
      pushNotificationData: z.unknown().optional(),
    })
    .optional(),
  /** What the brand's sign-in says of the user. */
  claims: z.looseObject({ iss: optionalText, lp_sdes: SdesSchema }).optional(),
  /** What is known of a signed-in consumer. */
  authenticatedData: z.looseObject({ lp_sdes: SdesSchema }).optional(),
  /** How surely the consumer was signed in. */
  acr: optionalText,
}));
export type UserProfileRecord = z.infer<typeof UserProfileSchema>;

/** A brand's profile. */
export const BrandProfileSchema = looseObject(() => ({
  brandId: optionalText,
  name: optionalText,
  description: optionalText,
  category: optionalText,
  dateJoined: z.unknown().optional(),
  lastUpdated: z.unknown().optional(),
  logoImg: optionalText,
  backgroundImg: optionalText,
  SkillIds: z.array(z.string()).optional(),
  defaultTTRs: z.record(z.string(), z.unknown()).optional(),
  delay: z.looseObject({ tillWhen: optionalNumber }).optional(),
  websiteUrl: optionalText,
}));
export type BrandProfile = z.infer<typeof BrandProfileSchema>;
