import type { DemoAccount, DemoContact } from '../accounts/account.ts';
import type { StaffUser } from '../company/staff.ts';
import { filled, phrasebookOf } from '../conversations/phrasebooks.ts';
import { internalNotes, topics, type Conversation, type Phrasebook } from '../conversations/conversation.ts';
import { DAY, HOUR, isoMoment, MINUTE } from '../dates.ts';
import { at as nth, type Random } from '../random.ts';
import { languageOf } from '../people.ts';
import type { Holding } from '../sales/story.ts';
import type { World } from '../world.ts';
import { attachFile } from './attachments.ts';
import { addComment, addHistory, addIncoming, addOutgoing, fullName, type Thread } from './messages.ts';

export type CaseStatus = 'Closed' | 'Escalated' | 'New' | 'On Hold' | 'Waiting on Customer' | 'Working';

/** What sets a case apart; the rest follows from chance. */
export interface Report {
  topic: number;
  openedAt: number;
  contact: DemoContact;
  status?: CaseStatus;
  priority?: 'High' | 'Low' | 'Medium';
  origin?: 'Email' | 'Phone' | 'Web';
  hasFile?: boolean;
  agent?: StaffUser;
}

/** The cases of an account: about two in its years with us, many for the few who are very unhappy. */
export function reportCases(world: World, random: Random, account: DemoAccount, holding: Holding, since: number): void {
  const isUnhappy = random.chance(0.03);
  const count = isUnhappy ? random.int(6, 11) : random.weighted([[0, 24], [1, 24], [2, 20], [3, 14], [4, 9], [6, 6], [8, 3]] as const); // prettier-ignore
  const span = Math.min(world.now - since, 1400 * DAY);
  for (let left = count; left > 0; left -= 1) {
    const age = isUnhappy && left <= 4 ? random.int(1, 30) * DAY : Math.max(20 * MINUTE, span * random.next() ** 2.2);
    reportCase(world, random, account, holding, {
      topic: random.int(0, topics.length - 1),
      openedAt: world.now - age - random.int(15, 300) * MINUTE,
      contact: random.pick(account.contacts.slice(0, 3)),
      ...(isUnhappy && left <= 3 ? { status: left === 1 ? 'Escalated' : 'Working', priority: 'High' } : {}),
    });
  }
}

/** One case from the first message to where it stands now. */
export function reportCase(world: World, random: Random, account: DemoAccount, holding: Holding, report: Report): string {
  const id = world.ids.next('Case');
  const topic = nth(topics, report.topic);
  const book = phrasebookOf(report.contact.locale);
  const agent = report.agent ?? world.staff.forCountry('agent', account.country, random);
  const words = wordsFor(holding, random);
  const said = sayIn(nth(book.conversations, report.topic), words);
  const priority = report.priority ?? (random.chance(topic.pressing) ? 'High' : random.pick(['Medium', 'Medium', 'Low'] as const));
  const status = report.status ?? statusAfter(world.now - report.openedAt, random);
  const origin = report.origin ?? random.weighted([['Email', 5], ['Web', 4], ['Phone', 2]] as const); // prettier-ignore
  const thread: Thread = { caseId: id, subject: said.subject, contact: report.contact, agent };
  const course = { world, random, account, thread, said, book, status, origin, priority, openedAt: report.openedAt };
  const { closedAt, lastAt } = converse(course);
  if (report.hasFile ?? random.chance(0.12)) {
    attachFile(world, random, { parentId: id, kind: topic.file, by: world.staff.admin, at: Math.min(lastAt, report.openedAt + 2 * HOUR), host: words.host });
  }
  const isNew = status === 'New';
  world.add('Case', {
    Id: id,
    ContactId: report.contact.id,
    AccountId: account.id,
    SuppliedName: origin === 'Web' ? fullName(report.contact) : undefined,
    SuppliedEmail: origin === 'Phone' ? undefined : report.contact.email,
    Type: topic.type,
    Status: status,
    Reason: topic.reason,
    Origin: origin,
    Subject: said.subject,
    Priority: priority,
    Description: said.problem,
    ClosedDate: closedAt === undefined ? undefined : isoMoment(closedAt),
    IsEscalated: status === 'Escalated',
    OwnerId: isNew ? world.staff.queues.byTerritory[account.country.territory] : agent.id,
    ContactPhone: report.contact.phone,
    ContactEmail: report.contact.email,
    Rapport_Product__c: holding.productId,
    Rapport_Locale__c: report.contact.locale,
  }, { at: report.openedAt, by: world.staff.admin, changedAt: lastAt, changedBy: isNew ? world.staff.admin : agent.id }); // prettier-ignore
  return id;
}

/** Old cases are closed, of the young some are new or wait for an answer. */
function statusAfter(age: number, random: Random): CaseStatus {
  if (age < 8 * HOUR) return random.pick(['New', 'New', 'Working']);
  const open = age < 3 * DAY ? 0.8 : age < 10 * DAY ? 0.4 : age < 45 * DAY ? 0.12 : 0.008;
  if (!random.chance(open)) return 'Closed';
  return random.weighted([['New', 2], ['Working', 5], ['Waiting on Customer', 4], ['On Hold', 1], ['Escalated', 1]] as const); // prettier-ignore
}

function wordsFor(holding: Holding, random: Random): { product: string; host: string; version: string } {
  const newest = holding.edition.versions.at(-1)?.version ?? holding.version;
  return {
    product: holding.productName,
    version: newest,
    host: `${random.pick(['SRV', 'FS', 'SQL', 'APP', 'BKP', 'NAS'])}-${String(random.int(1, 24)).padStart(2, '0')}`,
  };
}

const sayIn = (conversation: Conversation, words: Readonly<Record<string, string>>): Conversation => ({
  subject: filled(conversation.subject, words),
  problem: filled(conversation.problem, words),
  answer: filled(conversation.answer, words),
  reply: filled(conversation.reply, words),
  solution: filled(conversation.solution, words),
});

interface Course {
  world: World;
  random: Random;
  account: DemoAccount;
  thread: Thread;
  said: Conversation;
  book: Phrasebook;
  status: CaseStatus;
  origin: 'Email' | 'Phone' | 'Web';
  priority: 'High' | 'Low' | 'Medium';
  openedAt: number;
}

/** Everything that was written on a case up to its status, in order. */
function converse(course: Course): { closedAt: number | undefined; lastAt: number } {
  const { world, random, thread, said, status, openedAt } = course;
  const { caseId, agent } = thread;
  const latest = world.now - 12 * MINUTE;
  addHistory(world, caseId, { field: 'created', by: world.staff.admin, at: openedAt });
  if (course.origin === 'Email') addIncoming(world, thread, fromCustomer(course, said.problem), openedAt);
  if (status === 'New') return { closedAt: undefined, lastAt: openedAt };
  const pace = course.priority === 'High' ? 0.35 : 1;
  let moment = openedAt;
  const later = (least: number, most: number) => {
    moment = Math.min(latest, moment + Math.round(pace * random.int(least, most)) * MINUTE);
    return moment;
  };
  takeOver(course, later(8, 400));
  if (random.chance(0.4)) addComment(world, caseId, { text: random.pick(internalNotes), isPublic: false, by: agent.id, at: later(5, 60) });
  answer(course, said.answer, later(10, 300));
  if (status === 'Working' && random.chance(0.4)) return { closedAt: undefined, lastAt: moment };
  if (status === 'Waiting on Customer') {
    addHistory(world, caseId, { field: 'Status', from: 'Working', to: status, by: agent.id, at: later(1, 5) });
    return { closedAt: undefined, lastAt: moment };
  }
  addIncoming(world, thread, fromCustomer(course, said.reply), later(30, 1800));
  if (status !== 'Closed') {
    if (status !== 'Working') addHistory(world, caseId, { field: 'Status', from: 'Working', to: status, by: agent.id, at: later(5, 400) });
    return { closedAt: undefined, lastAt: moment };
  }
  answer(course, said.solution, later(60, 4200));
  if (random.chance(0.35)) addIncoming(world, thread, fromCustomer(course, course.book.manners.thanks), later(20, 700));
  addHistory(world, caseId, { field: 'Status', from: 'Working', to: 'Closed', by: agent.id, at: later(3, 120) });
  return { closedAt: moment, lastAt: moment };
}

function takeOver({ world, account, thread, priority }: Course, at: number): void {
  const { caseId, agent } = thread;
  const queue = world.staff.queues.byTerritory[account.country.territory];
  addHistory(world, caseId, { field: 'Owner', from: world.staff.nameOf(queue), to: agent.name, by: agent.id, at });
  addHistory(world, caseId, { field: 'Status', from: 'New', to: 'Working', by: agent.id, at });
  if (priority === 'High') addHistory(world, caseId, { field: 'Priority', from: 'Medium', to: 'High', by: agent.id, at });
}

/** Support answers by comment where the customer uses the portal, else by mail. */
function answer(course: Course, text: string, at: number): void {
  const { world, thread, book, origin } = course;
  const { manners } = book;
  const greeting = filled(manners.toCustomer, { name: addressed(thread.contact) });
  const signed = `${greeting}\n\n${text}\n\n${manners.closing}\n${thread.agent.name}\nTidewater Software Support`;
  if (origin === 'Email') addOutgoing(world, thread, signed, at);
  else addComment(world, thread.caseId, { text: signed, isPublic: true, by: thread.agent.id, at });
}

/** By first name, in German and Japanese by the name that courtesy asks for. */
function addressed({ firstName, lastName, locale }: DemoContact): string {
  const language = languageOf(locale);
  if (language === 'ja') return lastName;
  return language === 'de' ? `${firstName} ${lastName}` : firstName;
}

function fromCustomer({ thread, book }: Course, text: string): string {
  const { manners } = book;
  return `${manners.toSupport}\n\n${text}\n\n${manners.closing}\n${fullName(thread.contact)}`;
}
