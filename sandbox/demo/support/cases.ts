import type { DemoAccount, DemoContact, Tale } from '../accounts/account.ts';
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
export function reportCases(tale: Tale, holding: Holding, since: number): void {
  const { world, random, account } = tale;
  const isUnhappy = random.chance(0.03);
  const count = isUnhappy ? random.int(6, 11) : random.weighted([[0, 24], [1, 24], [2, 20], [3, 14], [4, 9], [6, 6], [8, 3]] as const); // prettier-ignore
  const span = Math.min(world.now - since, 1400 * DAY);
  for (let left = count; left > 0; left -= 1) {
    const age =
      isUnhappy && left <= 4 ? random.int(1, 30) * DAY : Math.max(20 * MINUTE, span * random.next() ** 2.2);
    reportCase(tale, holding, {
      topic: topicFor(holding, random),
      openedAt: world.now - age - random.int(15, 300) * MINUTE,
      contact: random.pick(account.contacts.slice(0, 3)),
      ...(isUnhappy && left <= 3 ? { status: left === 1 ? 'Escalated' : 'Working', priority: 'High' } : {}),
    });
  }
}

/** What a customer may write about: who has the newest version does not ask how to get it. */
function topicFor({ edition, version }: Holding, random: Random): number {
  const topic = random.int(0, topics.length - 1);
  return topic === UPGRADE && edition.versions.at(-1)?.version === version ? 0 : topic;
}

const UPGRADE = 4;

/** One case from the first message to where it stands now. */
export function reportCase(tale: Tale, holding: Holding, report: Report): string {
  const { world, random, account } = tale;
  const openedAt = workingHour(report.openedAt, world.now, random);
  const topic = nth(topics, report.topic);
  const book = phrasebookOf(report.contact.locale);
  const words = wordsFor(holding, random);
  const said = sayIn(nth(book.conversations, report.topic), words);
  const thread: Thread = {
    caseId: world.ids.next('Case'),
    subject: said.subject,
    contact: report.contact,
    agent: report.agent ?? world.staff.forCountry('agent', account.country, random),
  };
  const course: Course = {
    ...{ world, random, account, thread, said, book, openedAt },
    status: report.status ?? statusAfter(world.now - openedAt, random),
    origin: report.origin ?? random.weighted([['Email', 5], ['Web', 4], ['Phone', 2]] as const),
    priority: report.priority ?? priorityOf(topic.pressing, random),
  }; // prettier-ignore
  const end = converse(course);
  if (report.hasFile ?? random.chance(0.12)) {
    const at = Math.min(end.lastAt, openedAt + 2 * HOUR);
    attachFile(world, random, {
      parentId: thread.caseId,
      kind: topic.file,
      by: world.staff.admin,
      at,
      host: words.host,
    });
  }
  addCaseRow(course, { ...end, type: topic.type, reason: topic.reason, productId: holding.productId });
  return thread.caseId;
}

const priorityOf = (pressing: number, random: Random) =>
  random.chance(pressing) ? 'High' : random.pick(['Medium', 'Medium', 'Low'] as const);

interface CaseEnd {
  closedAt: number | undefined;
  lastAt: number;
  type: string;
  reason: string;
  productId: string;
}

function addCaseRow(
  { world, account, thread, said, status, origin, priority, openedAt }: Course,
  end: CaseEnd,
): void {
  const { contact, agent } = thread;
  const isNew = status === 'New';
  world.add('Case', {
    Id: thread.caseId,
    ContactId: contact.id,
    AccountId: account.id,
    SuppliedName: origin === 'Web' ? fullName(contact) : undefined,
    SuppliedEmail: origin === 'Phone' ? undefined : contact.email,
    Type: end.type,
    Status: status,
    Reason: end.reason,
    Origin: origin,
    Subject: said.subject,
    Priority: priority,
    Description: said.problem,
    ClosedDate: end.closedAt === undefined ? undefined : isoMoment(end.closedAt),
    IsEscalated: status === 'Escalated',
    OwnerId: isNew ? world.staff.queues.byTerritory[account.country.territory] : agent.id,
    ContactPhone: contact.phone,
    ContactEmail: contact.email,
    Rapport_Product__c: end.productId,
    Rapport_Locale__c: contact.locale,
  }, { at: openedAt, by: world.staff.admin, changedAt: end.lastAt, changedBy: isNew ? world.staff.admin : agent.id }); // prettier-ignore
}

/** People write while they work: some minute between six and five of that day, unless it was within the last two days. */
function workingHour(moment: number, now: number, random: Random): number {
  if (now - moment < 2 * DAY) return moment - random.int(0, 40 * 60) * 1000;
  return moment - (moment % DAY) + random.int(6 * 3600, 17 * 3600) * 1000;
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

/** Gives a moment some minutes after the last one it gave. */
type Later = (least: number, most: number) => number;

/** Everything that was written on a case up to its status, in order. */
function converse(course: Course): { closedAt: number | undefined; lastAt: number } {
  const { world, random, thread, said, status, openedAt } = course;
  addHistory(world, thread.caseId, { field: 'created', by: world.staff.admin, at: openedAt });
  if (course.origin === 'Email') addIncoming(world, thread, fromCustomer(course, said.problem), openedAt);
  const latest = world.now - 12 * MINUTE;
  const pace = course.priority === 'High' ? 0.35 : 1;
  let moment = openedAt;
  const later: Later = (least, most) => {
    moment = Math.min(latest, moment + Math.round(pace * random.int(least, most)) * MINUTE);
    return moment;
  };
  if (status !== 'New') workOn(course, later);
  return { closedAt: status === 'Closed' ? moment : undefined, lastAt: moment };
}

/** What happens after an agent has taken the case. */
function workOn(course: Course, later: Later): void {
  const { world, random, thread, said, status } = course;
  takeOver(course, later(8, 400));
  if (random.chance(0.4)) {
    const note = { text: random.pick(internalNotes), isPublic: false, by: thread.agent.id };
    addComment(world, thread.caseId, { ...note, at: later(5, 60) });
  }
  answer(course, said.answer, later(10, 300));
  if (status === 'Working' && random.chance(0.4)) return;
  if (status !== 'Waiting on Customer')
    addIncoming(world, thread, fromCustomer(course, said.reply), later(30, 1800));
  if (status === 'Closed') answer(course, said.solution, later(60, 4200));
  if (status === 'Closed' && random.chance(0.35)) {
    addIncoming(world, thread, fromCustomer(course, course.book.manners.thanks), later(20, 700));
  }
  if (status === 'Working') return;
  addHistory(world, thread.caseId, {
    field: 'Status',
    from: 'Working',
    to: status,
    by: thread.agent.id,
    at: later(3, 120),
  });
}

function takeOver({ world, account, thread, priority }: Course, at: number): void {
  const { caseId, agent } = thread;
  const queue = world.staff.queues.byTerritory[account.country.territory];
  const change = { field: 'Owner', by: agent.id, at };
  addHistory(world, caseId, { ...change, from: world.staff.nameOf(queue), to: agent.name });
  addHistory(world, caseId, { ...change, dataType: 'EntityId', from: queue, to: agent.id });
  addHistory(world, caseId, { field: 'Status', from: 'New', to: 'Working', by: agent.id, at });
  if (priority === 'High')
    addHistory(world, caseId, { field: 'Priority', from: 'Medium', to: 'High', by: agent.id, at });
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
