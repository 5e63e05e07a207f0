import * as z from 'zod';

/** Ids come as text or, from some hosts, as numbers; text is kept as it is and never becomes a number. */
export const idSchema = z.union([z.string().min(1), z.number().int().transform(String)]);

/** What goes into a path or a header: printable ASCII without spaces. */
export const tokenSchema = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

/** The value of one cookie. */
export const cookieValueSchema = z
  .string()
  .regex(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/, 'must be the value of a cookie');

/** The look-up's response for all services; each entry is read by itself, so that one does not take the others with it. */
export const BaseUrisSchema = z.looseObject({ baseURIs: z.array(z.unknown()) });

/** One service of the look-up: an entry of the list, or the response for one. */
export const BaseUriSchema = z.looseObject({ service: z.string(), baseURI: z.string() });

/** An entry that says at least which service it is about. */
export const NamedEntrySchema = z.looseObject({ service: z.string() });

/** The response of a login. Unknown fields are kept. */
export const LoginResponseSchema = z.looseObject({
  bearer: tokenSchema,
  csrf: z.string().min(1).nullish(),
  sessionId: z.string().nullish(),
  sessionTTl: z.union([z.string(), z.number()]).nullish(),
  config: z.looseObject({
    userId: idSchema,
    userPid: idSchema.nullish(),
    loginName: z.string().nullish(),
  }),
});

/** The authorization server's response to an application. */
export const AppTokenResponseSchema = z.looseObject({
  access_token: tokenSchema,
  expires_in: z.union([z.string(), z.number()]).nullish(),
});

/** What the platform says when it refuses: an object, or bare text. A field of another type counts as missing. */
export const ErrorBodySchema = z.looseObject({
  error: z.union([
    z
      .string()
      .min(1)
      .transform((message) => ({ message, internalCode: undefined, responseStatus: undefined })),
    z.looseObject({
      message: z.string().optional().catch(undefined),
      internalCode: z.union([z.string(), z.number()]).optional().catch(undefined),
      responseStatus: z.string().optional().catch(undefined),
    }),
  ]),
});
