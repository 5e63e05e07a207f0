import { isObject } from '../handlers/call.ts';

/** What history calls the attributes of a customer. */
const CUSTOMER_NAMES: ReadonlyMap<string, string> = new Map([
  ['cstatus', 'customerStatus'],
  ['ctype', 'customerType'],
  ['balance', 'accountBalance'],
  ['companySize', 'companySize'],
]);

/** The engagement attributes of a consumer as history shows them: from the brand's token and from what the profile holds. */
export function sdeEvents(profile: Readonly<Record<string, unknown>>, serverTimeStamp: number): object[] {
  const sources = [profile['claims'], profile['authenticatedData']].map((source) => (isObject(source) ? source : {}));
  return sources
    .flatMap((source) => (Array.isArray(source['lp_sdes']) ? (source['lp_sdes'] as unknown[]) : []))
    .filter(isObject)
    .flatMap(({ type, info, personal }) => {
      if (type === 'ctmrinfo' && isObject(info)) {
        const customerInfo = Object.fromEntries(
          Object.entries(info).map(([name, value]) => [CUSTOMER_NAMES.get(name) ?? name, value]),
        );
        return { sdeType: 'CUSTOMER_INFO', serverTimeStamp, customerInfo: { serverTimeStamp, customerInfo } };
      }
      if (type !== 'personal' || !isObject(personal)) return [];
      const { firstname: name, lastname: surname, contacts, ...rest } = personal;
      const personalContacts = (Array.isArray(contacts) ? contacts : []).map((personalContact: unknown) => ({
        personalContact,
      }));
      const personalInfo = { name, surname, contacts: personalContacts, ...rest };
      return { sdeType: 'PERSONAL_INFO', serverTimeStamp, personalInfo: { serverTimeStamp, personalInfo } };
    });
}
