/*
 * Accounts and people by hand: for each lifecycle case somebody who must get its message, and others who nearly do. Days are counted back from the day
 * on which the tracks are switched on. `gets`: on that day; `next`: when they are asked again a day later.
 */

/** What somebody did on which days. */
export interface Use {
  action: string;
  module: string;
  days: readonly number[];
  times?: number;
}

export interface Somebody {
  use?: readonly Use[];
  gets?: readonly string[];
  next?: readonly string[];
  department?: string;
  roles?: readonly string[];
  locale?: string;
  /** Said no to mails of this topic. */
  refuses?: string;
}

export interface Company {
  /** Days since the trial began, and till it ends. */
  trial?: readonly [began: number, ends: number];
  /** Days since it became a customer. */
  customer?: number;
  seats?: number;
  owns?: string;
  people: Readonly<Record<string, Somebody>>;
}

const used = (action: string, module: string, days: readonly number[], times = 1): Use => ({
  action,
  module,
  days,
  times,
});
const desk = (...days: number[]): Use => used('Viewed a page', 'Desk', days);
const busily = (times: number, ...days: number[]): Use => used('Viewed a page', 'Desk', days, times);
const shield = (...days: number[]): Use => used('Scanned a disk', 'Shield', days);
const reports = (...days: number[]): Use => used('Exported a report', 'Reports', days);
const vault = (...days: number[]): Use => used('Stored a copy', 'Vault', days);
const backup = (...days: number[]): Use => used('Ran a backup', 'Backup', days);
const policy = (...days: number[]): Use => used('Changed a policy', 'Settings', days);
const invited = (...days: number[]): Use => used('Invited a colleague', 'Settings', days);
const [one, two, three] = [
  (day: number) => used('Ran a backup', 'Backup', [day]),
  (day: number) => used('Restored a file', 'Restore', [day]),
  (day: number) => used('Opened the dashboard', 'Monitor', [day]),
] as const;
const setUpOn = (first: number, second: number, last: number): Use[] => [
  one(first),
  two(second),
  three(last),
];

/** People who are alike, ten say. */
const crew = (count: number, name: string, somebody: Somebody): Record<string, Somebody> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${String(index + 1)}`, somebody]));

const OLD = 400;

/** What the tracks of the test are made with. */
export const settings: Readonly<Record<string, Record<string, string>>> = {
  LM1: { step1: 'Ran a backup', step2: 'Restored a file', step3: 'Opened the dashboard' },
  LM2: { step1: 'Ran a backup', step2: 'Restored a file', step3: 'Opened the dashboard' },
  LM3: { step1: 'Ran a backup', step2: 'Restored a file', step3: 'Opened the dashboard' },
  LM4: { step1: 'Ran a backup', step2: 'Restored a file', step3: 'Opened the dashboard' },
  LM5: { invite: 'Invited a colleague' },
  LM8: { module: 'Shield' },
  LM9: { module: 'Reports' },
  LM12: { module: 'Ledger' },
  LM14: { module: 'Backup', product: 'Cloud Vault' },
  LM15: { module: 'Vault' },
  LM16: { module: 'Reports' },
  LM17: { module: 'Shield' },
  LM18: { action: 'Changed a policy' },
};

const signup: Company[] = [
  /* LM1: began three days ago and did nothing; a colleague is not written to beside, and who said no is not either. */
  { trial: [3, 27], people: { ada: { gets: ['LM1'] }, ann: {} } },
  { trial: [3, 27], people: { una: { refuses: 'onboarding' } } },
  { trial: [1, 29], people: { abe: { next: ['LM1'] } } },
  { trial: [15, 15], people: { amy: {} } },
  /* LM6 (its mail waits for the call): engaged, several people, seven days left at most. */
  { trial: [24, 6], people: { fay: { use: [shield(20), desk(13, 10, 8, 6, 4, 2)] }, finn: { use: [desk(9, 3)] } } },
  { trial: [24, 6], people: { flo: { use: [shield(20), desk(13, 10, 8, 6, 4, 2)] }, fred: { use: [desk(20)] } } },
  { trial: [22, 8], people: { fox: { use: [shield(20), desk(13, 10, 8, 6, 4, 2)] }, fern: { use: [desk(9, 3)] } } },
  { trial: [24, 6], people: { fir: { use: [shield(20), desk(10, 8, 6, 4)] }, fritz: { use: [desk(10, 4)] } } },
  /* LM7: about to expire, and hardly anybody came; or nobody ever. */
  { trial: [25, 5], people: { gus: { use: [shield(20), desk(9)], gets: ['LM7'] }, gil: { use: [desk(20)] } } },
  { trial: [27, 3], people: { gio: { gets: ['LM7'] } } },
  { trial: [25, 5], people: { gwen: { use: [shield(20), desk(5, 3)] }, gabe: { use: [desk(20)] } } },
  { trial: [20, 10], people: { gert: { use: [shield(18), desk(9)] }, gina: { use: [desk(18)] } } },
  /* LM8: two weeks in, and nobody tried the module. */
  {
    trial: [14, 16],
    people: {
      hal: { use: [...setUpOn(12, 12, 12), desk(8)], gets: ['LM8'], locale: 'de' },
      hua: { use: [desk(6)], gets: ['LM8'], locale: 'ja' },
    },
  },
  { trial: [13, 17], people: { hank: { use: [...setUpOn(12, 12, 12), desk(8)], next: ['LM8'] }, hera: { use: [desk(6)], next: ['LM8'] } } },
  { trial: [14, 16], people: { hob: { use: [...setUpOn(12, 12, 12), desk(8), shield(5)] }, hope: { use: [desk(6)] } } },
]; // prettier-ignore

const onboarding: Company[] = [
  /* LM2: one step of three, and none today or yesterday. */
  { trial: [6, 24], people: { ben: { use: [one(5), desk(4)], gets: ['LM2'] }, bob: { use: [desk(5)] } } },
  { trial: [6, 24], people: { bix: { use: [one(1), desk(5)], next: ['LM2'] }, bo: { use: [desk(5)] } } },
  { trial: [8, 22], people: { coy: { use: [one(5), two(4)], gets: ['LM2'] }, cora: { use: [desk(5)] } } },
  /* LM3: the last step was yesterday. */
  { trial: [8, 22], people: { cat: { use: setUpOn(5, 4, 1), gets: ['LM3'], locale: 'fr' }, cal: { use: [desk(5)] } } },
  { trial: [12, 18], people: { cyd: { use: [...setUpOn(10, 10, 10), desk(2)] }, cleo: { use: [desk(10)] } } },
  /* LM4: set up, and nobody came after that day. */
  { trial: [12, 18], people: { dan: { use: setUpOn(10, 9, 8), gets: ['LM4'] }, di: { use: [desk(10)] } } },
  { trial: [12, 18], people: { dee: { use: [...setUpOn(10, 9, 8), desk(7)] }, dov: { use: [desk(10)] } } },
  { trial: [12, 18], people: { dot: { use: setUpOn(6, 5, 3) }, dora: { use: [desk(6)] } } },
  /* LM5: alone for a week, and nobody was invited. */
  { trial: [12, 18], people: { eve: { use: [...setUpOn(11, 10, 9), desk(3)], gets: ['LM5'] } } },
  { trial: [12, 18], people: { eli: { use: [...setUpOn(11, 10, 9), desk(3)] }, ella: { use: [desk(8)] } } },
  { trial: [12, 18], people: { ema: { use: [...setUpOn(11, 10, 9), desk(3), invited(5)] } } },
  { trial: [7, 23], people: { ewa: { use: [...setUpOn(6, 6, 5), desk(3)], next: ['LM5'] } } },
  /* LM9: who brought the module into use this week, in a trial or as a new customer. */
  { trial: [12, 18], people: { ian: { use: [...setUpOn(11, 11, 11), desk(6), reports(4)], gets: ['LM9'] }, ivy: { use: [desk(5)] } } },
  { trial: [12, 18], people: { ida: { use: [...setUpOn(11, 11, 11), desk(6), reports(8)] }, iris: { use: [desk(5)] } } },
  { customer: 20, people: { pip: { use: [desk(15), reports(2)], gets: ['LM9'], next: ['LM15'] }, pam: { use: [desk(15)] } } },
  /* LM17: every new user. */
  { customer: OLD, people: {
    quin: { use: [desk(1)], gets: ['LM17'], next: ['LM15'] },
    qia: { use: [desk(2)], gets: ['LM17'], next: ['LM15'], locale: 'es-419' },
    quo: { use: [desk(4)], next: ['LM15'] },
  } },
  /* LM18: customers of this week whose product is not set up. */
  { customer: 5, people: { rae: { gets: ['LM18'] }, ria: {} } },
  { customer: 5, people: { rue: { gets: ['LM18'], locale: 'it' } } },
  { customer: 5, people: { roy: { use: [policy(4)], next: ['LM15'] } } },
  { customer: 10, people: { rex: {} } },
]; // prettier-ignore

const mature: Company[] = [
  /* LM10 and LM20: did 30 and 40 percent less; 60 percent less; a tenth less; less of hardly anything. */
  { customer: OLD, people: { jan: { use: [desk(40), busily(10, 25, 20), busily(7, 10, 5)], gets: ['LM10'], next: ['LM15'] } } },
  { customer: OLD, people: { ted: { use: [desk(40), busily(10, 25, 20), busily(6, 10, 5)], gets: ['LM10'], next: ['LM15'] } } },
  { customer: OLD, people: { tom: { use: [desk(40), busily(10, 25, 20), busily(4, 10, 5)], gets: ['LM20'], next: ['LM15'] } } },
  { customer: OLD, people: { jay: { use: [desk(40), busily(10, 25, 20), busily(9, 10, 5)], next: ['LM15'] } } },
  { customer: OLD, people: { jim: { use: [desk(40), busily(5, 25), busily(3, 10)], next: ['LM15'] } } },
  /* LM11: back this week after more than sixty days. */
  { customer: OLD, people: { kim: { use: [desk(70, 2)], gets: ['LM11'], next: ['LM15'], locale: 'pt' } } },
  { customer: OLD, people: { kai: { use: [desk(45, 2)], next: ['LM15'] } } },
  { customer: OLD, people: { ken: { use: [desk(80, 8)], next: ['LM15'] } } },
  /* LM12: the first of another department. */
  { customer: OLD, people: {
    leo: { use: [desk(30, 10)], department: 'IT', next: ['LM15'] },
    lea: { use: [desk(5)], department: 'Finance', gets: ['LM12'], next: ['LM15'] },
  } },
  { customer: OLD, people: {
    liv: { use: [desk(40)], department: 'Finance' },
    lou: { use: [desk(5)], department: 'finance ', next: ['LM15'] },
  } },
  { customer: OLD, people: { lex: { use: [desk(5)], department: 'Finance', next: ['LM15'] } } },
  /* LM13: ten of ten licenses, told to who decides and who uses it most; nine of ten. */
  { customer: OLD, seats: 10, people: {
    mia: { use: [busily(8, 9, 8)], gets: ['LM13'], next: ['LM15'] },
    ...crew(9, 'max', { use: [busily(8, 9)], next: ['LM15'] }),
    moe: { roles: ['Decision Maker'], gets: ['LM13'], locale: 'en-GB' },
  } },
  { customer: OLD, seats: 10, people: {
    mel: { use: [busily(8, 9, 8)], next: ['LM15'] },
    ...crew(8, 'min', { use: [busily(8, 9)], next: ['LM15'] }),
    mo: { roles: ['Decision Maker'] },
  } },
  /* LM14: works with the module on eight days of thirty, and does not own the product. */
  { customer: OLD, people: { nia: { use: [backup(29, 27, 25, 23, 21, 19, 17, 15)], gets: ['LM14'] } } },
  { customer: OLD, people: { ned: { use: [backup(29, 27, 25, 23, 21, 19, 17)] } } },
  { customer: OLD, owns: 'Cloud Vault', people: { nat: { use: [backup(29, 27, 25, 23, 21, 19, 17, 15)] } } },
  /* LM15: the module came out 29 days ago; a day later it is thirty. Who uses it, or nothing at all, is left in peace. */
  { customer: OLD, people: {
    ola: { use: [vault(29, 20, 5, 3)] },
    oto: { use: [desk(20, 4), vault(3)], next: ['LM15'] },
    oz: { use: [desk(20)] },
  } },
  /* LM16: the first time with the module. */
  { customer: OLD, people: {
    pia: { use: [desk(40), reports(2)], gets: ['LM16'], next: ['LM15'] },
    pat: { use: [desk(40), reports(10)], next: ['LM15'] },
  } },
  /* LM19: comes weekly and does more than most; comes weekly; does much on two days. */
  { customer: OLD, people: {
    sam: { use: [desk(40), busily(20, 25, 23, 21, 19, 17, 15, 11, 9, 7, 5, 3, 1)], gets: ['LM19'], next: ['LM15'] },
    sid: { use: [desk(40, 24, 22, 20, 18, 16, 10, 8, 6, 4, 2)], next: ['LM15'] },
    sol: { use: [desk(40), busily(50, 18, 16, 4, 2)], next: ['LM15'] },
  } },
]; // prettier-ignore

export const companies: readonly Company[] = [...signup, ...onboarding, ...mature];
