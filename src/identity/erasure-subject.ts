import type { StaffViewer } from '../access/viewer.ts';
import { hasRole } from '../access/viewer.ts';
import { normalizeEmail } from '../access/people.ts';
import { Forbidden, NotFound } from '../platform/errors.ts';

import * as queries from './erasure-subject.queries.ts';

/** Somebody about whom something is held: a mailbox, or a contact or user of the product without one. */
export interface Candidate {
  /** What they are asked for by: an e-mail address, a contact's id, or `user:` and the product's own id. */
  key: string;
  name: string;
  accounts: string[];
  /** Where something of them is, by the names of sections. */
  found: { section: 'people' | 'contacts' | 'leads' | 'users'; count: number }[];
}

/** Everything by which one human is known here. */
export interface Subject {
  key: string;
  personIds: string[];
  contactIds: string[];
  leadIds: string[];
  /** Rows of usage_people, and the ids that the products have for them. */
  usageIds: number[];
  externalIds: string[];
  anonymousIds: string[];
  emails: string[];
  /** What names them and nobody else: a namesake's name, and a company's switchboard, are not struck out everywhere. */
  names: string[];
  phones: string[];
  isStaff: boolean;
}

/** Those of whom a name or an address contains the text, at most 20; only for administrators. */
export async function findPeople(viewer: StaffViewer, text: string): Promise<Candidate[]> {
  requireAdmin(viewer);
  return text.trim().length < 2 ? [] : await queries.selectCandidates(text.trim());
}

/** @throws NotFound when nothing is held about anybody of that key */
export async function subjectOf(viewer: StaffViewer, key: string): Promise<Subject> {
  requireAdmin(viewer);
  const subject = await gather(key);
  if (isNobody(subject)) throw new NotFound();
  return subject;
}

const isNobody = ({ personIds, contactIds, leadIds, usageIds }: Subject) =>
  personIds.length + contactIds.length + leadIds.length + usageIds.length === 0;

/** Everything that is known of one human, from any place where they are named. */
export async function gather(key: string): Promise<Subject> {
  const found = await queries.selectSubject(key.includes('@') ? normalizeEmail(key) : key);
  const distinct = (values: readonly (string | null)[]) => [
    ...new Set(values.flatMap((value) => (value?.trim() ? [value.trim()] : []))),
  ];
  const named = { names: distinct(found.names), phones: distinct(found.phones) };
  const shared = new Set(await queries.selectShared(named, found));
  const isOwn = (word: string) => !shared.has(word.toLowerCase());
  return {
    ...found,
    key,
    emails: distinct(found.emails.map((email) => email && normalizeEmail(email))),
    names: named.names.filter((name) => isTelling(name) && isOwn(name)),
    phones: named.phones.filter((phone) => phone.replaceAll(/\D/g, '').length >= 6 && isOwn(phone)),
    externalIds: distinct(found.externalIds),
    anonymousIds: distinct(found.anonymousIds),
  };
}

/** A first name alone would strike too many: only what has two words, or letters of another script, names one human. */
const isTelling = (name: string): boolean => /\S\s+\S/.test(name) || /[^\p{Script=Latin}\s]{2,}/u.test(name);

export function requireAdmin(viewer: StaffViewer): void {
  if (!hasRole(viewer, 'admin')) throw new Forbidden();
}
