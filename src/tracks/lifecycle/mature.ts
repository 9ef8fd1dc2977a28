import { link, moduleOf, send, track } from './parts.ts';
import {
  decides, isEstablished, isMain, isUser, paying, personFirstDid, usageFell,
} from './rules.ts'; // prettier-ignore
import type { LifecycleTemplate } from './template.ts';

import type { Rule } from '../../rules/rules.ts';

/* Customers who know the product. */

const fell = (least: number, below?: number): Rule =>
  usageFell(
    { op: 'atLeast', value: least },
    ...(below === undefined ? [] : [{ op: 'lessThan' as const, value: below }]),
  );

const declined: LifecycleTemplate = {
  code: 'LM10',
  phase: 'mature',
  name: 'Usage declined',
  summary:
    'Reminds customers who did less in the last two weeks of what they have, and names whom to talk to.',
  parameters: [
    { name: 'least', label: 'Percent less, at least', kind: 'number', value: 20, least: 5, most: 90 },
    {
      name: 'below', label: 'Percent less, below', hint: 'From there on the success manager writes (LM20)', kind: 'number', value: 50,
      least: 10, most: 100,
    },
    link('Address of the benefits'),
  ],
  make: (given, say) =>
    track({
      messageClass: 'success',
      topic: 'onboarding',
      again: 90,
      rule: { all: [paying, fell(given.number('least'), given.number('below')), isMain] },
      goal: {
        name: 'Usage grows again', days: 30,
        rule: { field: 'usage.change', with: { of: 'actions', days: 14 }, op: 'atLeast', value: 10 },
      },
      steps: [send('benefits', say('benefits', { link: given.text('link') }))],
    }),
}; // prettier-ignore

const returned: LifecycleTemplate = {
  code: 'LM11',
  phase: 'mature',
  name: 'Back after a long time',
  summary: 'Welcomes back whoever used the product again this week after two months without.',
  parameters: [
    { name: 'days', label: 'Days away, at least', kind: 'number', value: 60, least: 14, most: 365 },
    link('Address of what is new'),
  ],
  make: (given, say) =>
    track({
      messageClass: 'success',
      topic: 'onboarding',
      again: 180,
      rule: {
        all: [
          paying,
          { field: 'personUsage.pause', with: { days: 7 }, op: 'atLeast', value: given.number('days') },
        ],
      },
      goal: {
        name: 'Stays active', days: 30, rule: { field: 'person.daysActive', op: 'atLeast', value: 4 },
      },
      steps: [send('welcome-back', say('welcome-back', { link: given.text('link') }))],
    }),
}; // prettier-ignore

const otherKind: LifecycleTemplate = {
  code: 'LM12',
  phase: 'mature',
  name: 'Another kind of user',
  summary:
    'Tells the first user of another department about the module for their work.',
  parameters: [
    moduleOf('The module to offer', 'newestModule'),
    link('Address of the module'),
  ],
  make: (given, say) =>
    track({
      messageClass: 'marketing',
      topic: 'product-news',
      rule: {
        all: [
          paying,
          { field: 'person.isFirstOfKind', with: { kind: 'department' }, op: 'is', value: true },
          { field: 'person.firstActiveOn', op: 'withinPast', value: 14 },
        ],
      },
      goal: {
        name: 'Uses the module', days: 30, rule: { field: 'personUsage.firstOn', with: { module: given.text('module') }, op: 'known' },
      },
      steps: [send('module', say('expansion-module', { link: given.text('link'), module: given.text('module') }))],
    }),
}; // prettier-ignore

const capacity: LifecycleTemplate = {
  code: 'LM13',
  phase: 'mature',
  name: 'All licenses in use',
  summary: 'Tells who decides about expansion programs when every license is in use.',
  parameters: [
    { name: 'percent', label: 'Percent of the licenses in use', kind: 'number', value: 100, least: 50, most: 200 },
    link('Address of the expansion programs'),
  ],
  make: (given, say) =>
    track({
      messageClass: 'marketing',
      topic: 'product-news',
      again: 180,
      rule: {
        all: [
          paying,
          { field: 'account.utilization', op: 'atLeast', value: given.number('percent') },
          { any: [decides, isMain] },
        ],
      },
      goal: {
        name: 'Below capacity again', days: 60, rule: { field: 'account.utilization', op: 'lessThan', value: given.number('percent') },
      },
      steps: [send('expansion', say('expansion', { link: given.text('link') }))],
    }),
}; // prettier-ignore

const product: LifecycleTemplate = {
  code: 'LM14',
  phase: 'mature',
  name: 'New product',
  summary:
    'Presents a product that their company does not have to those whose use of a module says that it fits.',
  parameters: [
    { name: 'product', label: 'The new product', hint: 'As licenses call it', kind: 'text', value: { from: 'newestProduct' } },
    moduleOf('Whoever uses this module', 'busiestModule'),
    { name: 'days', label: 'On so many of the last 30 days', kind: 'number', value: 8, least: 1, most: 30 },
    link('Address of the product'),
  ],
  make: (given, say) => {
    const has: Rule = {
      field: 'account.licenses',
      with: { where: { field: 'license.product', op: 'is', value: [given.text('product')] } },
      op: 'atLeast',
      value: 1,
    };
    return track({
      messageClass: 'marketing',
      topic: 'product-news',
      rule: {
        all: [
          paying,
          { not: has },
          {
            field: 'personUsage.days', with: { module: given.text('module'), days: 30 }, op: 'atLeast', value: given.number('days'),
          },
        ],
      },
      while: { not: has },
      goal: { name: 'Has the product', days: 90, rule: has },
      steps: [send('product', say('new-product', { link: given.text('link'), product: given.text('product') }))],
    });
  },
}; // prettier-ignore

const unused: LifecycleTemplate = {
  code: 'LM15',
  phase: 'mature',
  name: 'Module released, not used',
  summary: 'Shows the benefits of a module 30 days after it came out to users who do not use it actively.',
  parameters: [
    moduleOf('The new module', 'newestModule'),
    { name: 'after', label: 'Days since it came out', kind: 'number', value: 30, least: 1, most: 365 },
    link('Address of the benefits'),
  ],
  make: (given, say) => {
    const module = given.text('module');
    const uses: Rule = { field: 'personUsage.days', with: { module, days: 14 }, op: 'atLeast', value: 2 };
    return track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: {
        all: [
          paying,
          { field: 'usage.releasedOn', with: { module }, op: 'moreThanAgo', value: given.number('after') - 1 },
          { field: 'usage.releasedOn', with: { module }, op: 'withinPast', value: given.number('after') + 30 },
          { not: uses },
          isUser,
          { field: 'person.daysActive', op: 'atLeast', value: 1 },
        ],
      },
      goal: { name: 'Uses the module', days: 30, rule: uses },
      steps: [send('benefits', say('module-benefits', { link: given.text('link'), module }))],
    });
  },
}; // prettier-ignore

const firstUse: LifecycleTemplate = {
  code: 'LM16',
  phase: 'mature',
  name: 'First use of a module',
  summary: 'Sends tips and tricks to whoever used a module for the first time.',
  parameters: [moduleOf('The module', 'newestModule'), link('Address of the tips')],
  make: (given, say) => {
    const module = given.text('module');
    return track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: { all: [isEstablished, personFirstDid({ module }, 3)] },
      goal: {
        name: 'Uses it again', days: 21, rule: { field: 'personUsage.days', with: { module, days: 21 }, op: 'atLeast', value: 3 },
      },
      steps: [send('tips', say('tips-and-tricks', { link: given.text('link'), module }))],
    });
  },
}; // prettier-ignore

const power: LifecycleTemplate = {
  code: 'LM19',
  phase: 'mature',
  name: 'Power users',
  summary: 'Sends extra tips to those who come weekly and do more than most.',
  parameters: [
    { name: 'score', label: 'Engagement, at least', hint: 'They do more than so many of 100 active people', kind: 'number', value: 80, least: 1, most: 100 },
    link('Address of the tips'),
  ],
  make: (given, say) =>
    track({
      messageClass: 'success',
      topic: 'onboarding',
      again: 180,
      rule: {
        all: [
          paying,
          { field: 'person.engagement', op: 'atLeast', value: given.number('score') },
          { field: 'person.frequency', op: 'is', value: ['daily', 'weekly'] },
        ],
      },
      goal: { name: 'Uses three modules', days: 30, rule: { field: 'account.modulesUsed', op: 'atLeast', value: 3 } },
      steps: [send('tips', say('power-tips', { link: given.text('link') }))],
    }),
}; // prettier-ignore

const checkIn: LifecycleTemplate = {
  code: 'LM20',
  phase: 'mature',
  name: 'Check-in by the success manager',
  summary: 'Writes in the success manager’s name when a customer did half as much as in the two weeks before, or less.',
  parameters: [
    { name: 'percent', label: 'Percent less, at least', kind: 'number', value: 50, least: 10, most: 100 },
  ],
  make: (given, say) =>
    track({
      messageClass: 'success',
      topic: 'onboarding',
      again: 90,
      rule: { all: [paying, fell(given.number('percent')), isMain] },
      goal: {
        name: 'Usage grows again', days: 30,
        rule: { field: 'usage.change', with: { of: 'actions', days: 14 }, op: 'atLeast', value: 10 },
      },
      steps: [{ key: 'check-in', kind: 'send', channel: 'email', sender: 'manager', messageId: say('check-in') }],
    }),
}; // prettier-ignore

export const mature: readonly LifecycleTemplate[] = [
  declined,
  returned,
  otherKind,
  capacity,
  product,
  unused,
  firstUse,
  power,
  checkIn,
];
