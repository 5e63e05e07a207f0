import { describe, expect, it } from '@jest/globals';
import { UserProfileSchema } from '@lp/schemas';
import { toUserProfile } from '../../src/link/user-profile.ts';

const profile = (fields: object) => toUserProfile(UserProfileSchema.parse(fields));

describe('toUserProfile', () => {
  it('keeps every field the platform sent', () => {
    const sent = { userId: 'c1', firstName: 'Ada', unheardOf: { a: 1 }, privateData: { mobileNum: '1' } };
    expect(profile(sent)).toMatchObject(sent);
  });

  it('gathers claims with who vouches for them, and what an attribute says of itself wins', () => {
    const claims = {
      iss: 'https://brand.example',
      lp_sdes: [
        { type: 'ctmrinfo', info: { customerId: '7' } },
        { type: 'personal', personal: { firstname: 'Ada' }, iss: 'https://other.example' },
      ],
    };
    expect(profile({ claims, acr: 'loa1' }).sdes).toEqual([
      { type: 'ctmrinfo', info: { customerId: '7' }, acr: 'loa1', iss: 'https://brand.example' },
      { type: 'personal', personal: { firstname: 'Ada' }, acr: 'loa1', iss: 'https://other.example' },
    ]);
  });

  it('marks authenticated attributes as such', () => {
    const authenticatedData = { lp_sdes: [{ type: 'ctmrinfo', info: { customerId: '7' } }] };
    expect(profile({ authenticatedData }).sdes).toEqual([{ type: 'ctmrinfo', info: { customerId: '7' }, auth: {} }]);
  });

  it('makes attributes of the private data and the name', () => {
    const fields = {
      firstName: 'Ada',
      lastName: 'L',
      privateData: { mobileNum: '555', mail: 'a@example.com', userId: 'cust' },
    };
    expect(profile(fields).sdes).toEqual([
      { type: 'ctmrinfo', info: { imei: '555', customerId: 'cust' } },
      {
        type: 'personal',
        personal: { firstname: 'Ada', lastname: 'L', contacts: [{ email: 'a@example.com', phone: '555' }] },
      },
    ]);
  });

  it('has no attributes when nothing is known, and when they are encrypted', () => {
    expect(profile({ userId: 'c1' }).sdes).toEqual([]);
    expect(profile({ claims: { lp_sdes: 'c0ffee' } }).sdes).toEqual([]);
  });
});
