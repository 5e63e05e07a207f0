import * as z from 'zod';
import { looseObject, strictObject } from './objects.ts';
import { openEnum, optionalText } from './primitives.ts';

/** What a participant's client can do, as it names itself. */
export const CLIENT_FEATURES = [
  'CO_BROWSE',
  'CO_APP',
  'PHOTO_SHARING',
  'FILE_SHARING',
  'SECURE_FORMS',
  'AUTO_MESSAGES',
  'RICH_CONTENT',
  'QUICK_REPLIES',
  'MULTI_DIALOG',
  'MARKDOWN_HYPERLINKS',
] as const;

const DEVICE_FAMILIES = ['DESKTOP', 'TABLET', 'MOBILE', 'PDA', 'OTHER', 'UNKNOWN'] as const;
const OPERATING_SYSTEMS = ['WINDOWS', 'LINUX', 'OSX', 'ANDROID', 'IOS', 'OTHER'] as const;
const INTEGRATIONS = ['WEB_SDK', 'MOBILE_SDK', 'BRAND_SDK'] as const;

/** The properties of the client a participant writes with. The server adds `ipAddress`. */
export const ClientPropertiesSchema = looseObject(() => ({
  type: optionalText,
  appId: optionalText,
  appVersion: optionalText,
  ipAddress: optionalText,
  deviceFamily: openEnum(DEVICE_FAMILIES).optional(),
  os: openEnum(OPERATING_SYSTEMS).optional(),
  osVersion: optionalText,
  osName: optionalText,
  integration: openEnum(INTEGRATIONS).optional(),
  integrationVersion: optionalText,
  browser: optionalText,
  browserVersion: optionalText,
  timeZone: optionalText,
  deviceManufacture: optionalText,
  deviceManufacturer: optionalText,
  deviceModel: optionalText,
  features: z.array(openEnum(CLIENT_FEATURES)).optional(),
}));
export type ClientProperties = z.infer<typeof ClientPropertiesSchema>;

const short = z.string().max(64).optional();

/** The properties a client sends about itself when it opens a consumer connection. */
export const ClientPropertiesHeaderSchema = strictObject(() => ({
  type: z.enum(['.ams.headers.ClientProperties', '.ClientProperties']),
  appId: short,
  appVersion: z.string().max(32).optional(),
  ipAddress: z.ipv4().max(32).optional(),
  deviceFamily: z.enum(DEVICE_FAMILIES).optional(),
  os: z.enum(OPERATING_SYSTEMS).optional(),
  osVersion: short,
  osName: short,
  integration: z.enum(INTEGRATIONS).optional(),
  integrationVersion: short,
  browser: short,
  browserVersion: short,
  timeZone: short,
  deviceManufacture: short,
  deviceManufacturer: short,
  deviceModel: short,
  features: z.array(z.enum(CLIENT_FEATURES)).optional(),
}));
export type ClientPropertiesHeader = z.infer<typeof ClientPropertiesHeaderSchema>;
