import * as z from 'zod';

// The page's policy forbids code made from text; told beforehand, zod does not try. Must be imported before any schema.
z.config({ jitless: true });
