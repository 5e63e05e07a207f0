import * as z from 'zod';
import { openEnum, otherName } from './primitives.ts';

/** Who vouches for an engagement attribute. */
export const SdeAuthSchema = z.looseObject({ amr: z.array(z.string()).optional(), iss: z.string().optional() });

const DaySchema = z.looseObject({
  day: z.number().optional(),
  month: z.number().optional(),
  year: z.number().optional(),
});

const vouched = { acr: z.string().optional(), iss: z.string().optional(), auth: SdeAuthSchema.optional() };

/** What the brand knows of its customer. */
export const CustomerInfoSdeSchema = z.looseObject({
  type: z.literal('ctmrinfo'),
  info: z
    .looseObject({
      cstatus: z.string().optional(),
      ctype: z.string().optional(),
      customerId: z.string().optional(),
      balance: z.number().optional(),
      socialId: z.string().optional(),
      imei: z.string().optional(),
      userName: z.string().optional(),
      companySize: z.number().optional(),
      accountName: z.string().optional(),
      role: z.string().optional(),
      lastPaymentDate: DaySchema.optional(),
      registrationDate: DaySchema.optional(),
    })
    .optional(),
  ...vouched,
});
export type CustomerInfoSde = z.infer<typeof CustomerInfoSdeSchema>;

/** Who the consumer is. */
export const PersonalInfoSdeSchema = z.looseObject({
  type: z.literal('personal'),
  personal: z
    .looseObject({
      firstname: z.string().optional(),
      lastname: z.string().optional(),
      age: z
        .looseObject({
          age: z.number().optional(),
          year: z.number().optional(),
          month: z.number().optional(),
          day: z.number().optional(),
        })
        .optional(),
      contacts: z.array(z.looseObject({ email: z.string().optional(), phone: z.string().optional() })).optional(),
      gender: openEnum(['MALE', 'FEMALE', 'OTHER']).optional(),
      language: z.string().optional(),
      company: z.string().optional(),
    })
    .optional(),
  ...vouched,
});
export type PersonalInfoSde = z.infer<typeof PersonalInfoSdeSchema>;

const knownSdes = z.discriminatedUnion('type', [CustomerInfoSdeSchema, PersonalInfoSdeSchema]);

/** An engagement attribute of a kind that is not known here. */
export const OtherSdeSchema = z.looseObject({
  type: otherName(['ctmrinfo', 'personal'], 'the fields of its type'),
  ...vouched,
});
export type OtherSde = z.infer<typeof OtherSdeSchema>;

/** An engagement attribute. */
export const SdeSchema = z.union([knownSdes, OtherSdeSchema]);
export type Sde = z.infer<typeof SdeSchema>;

// A token's own attributes come encrypted, as one text.
const SdesSchema = z.union([z.array(SdeSchema), z.string()]).optional();

/** A user's profile as the server sends it; about oneself it holds `userId` alone. */
export const UserProfileSchema = z.looseObject({
  userId: z.string().optional(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  nickName: z.string().optional(),
  avatarUrl: z.string().optional(),
  role: z.string().optional(),
  backgndImgUri: z.string().optional(),
  description: z.string().optional(),
  privateData: z
    .looseObject({
      mobileNum: z.string().optional(),
      mail: z.string().optional(),
      email: z.string().optional(),
      userId: z.string().optional(),
      pushNotificationData: z.unknown().optional(),
    })
    .optional(),
  claims: z.looseObject({ iss: z.string().optional(), lp_sdes: SdesSchema }).optional(),
  authenticatedData: z.looseObject({ lp_sdes: SdesSchema }).optional(),
  acr: z.string().optional(),
});
export type UserProfileRecord = z.infer<typeof UserProfileSchema>;

/** A brand's profile. */
export const BrandProfileSchema = z.looseObject({
  brandId: z.string().optional(),
  name: z.string().optional(),
  description: z.string().optional(),
  category: z.string().optional(),
  dateJoined: z.unknown().optional(),
  lastUpdated: z.unknown().optional(),
  logoImg: z.string().optional(),
  backgroundImg: z.string().optional(),
  SkillIds: z.array(z.string()).optional(),
  defaultTTRs: z.record(z.string(), z.unknown()).optional(),
  delay: z.looseObject({ tillWhen: z.number().optional() }).optional(),
  websiteUrl: z.string().optional(),
});
export type BrandProfile = z.infer<typeof BrandProfileSchema>;
