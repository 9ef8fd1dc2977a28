import {
  inTrial, isMain, isUser, neverDone, noneDone, someDone, trialBegan, trialEndsWithin, trialWhere,
} from './rules.ts'; // prettier-ignore
import { activationSteps, daysBefore, link, moduleOf, send, stepsOf, track } from './parts.ts';
import type { LifecycleTemplate } from './template.ts';

/* Who tries the product. */

const caseStudy: LifecycleTemplate = {
  code: 'LM1',
  phase: 'signup',
  name: 'Signed up, not activated',
  summary:
    'Sends a case study to who began a trial two days to two weeks ago and has done no activation step.',
  parameters: [...activationSteps, link('Address of the case study')],
  make: (given, say) =>
    track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: {
        all: [
          trialWhere(trialBegan('moreThanAgo', 1), trialBegan('withinPast', 14)),
          noneDone(stepsOf(given)),
          isMain,
        ],
      },
      while: inTrial,
      goal: { name: 'Does an activation step', days: 14, rule: someDone(stepsOf(given)) },
      steps: [send('case-study', say('case-study', { link: given.text('link') }))],
    }),
};

const pricing: LifecycleTemplate = {
  code: 'LM6',
  phase: 'signup',
  name: 'Engaged trial about to expire',
  summary:
    'Gives the account’s owner a phone call to make, waits for it up to three days, then sends prices, a calculation and a discount code.',
  parameters: [
    daysBefore,
    { name: 'people', label: 'People who use it, at least', kind: 'number', value: 2, least: 2, most: 1000 },
    { name: 'discount', label: 'Discount code', kind: 'text', value: 'WELCOME10' },
    link('Address of the price list'),
  ],
  make: (given, say) =>
    track({
      messageClass: 'marketing',
      topic: 'product-news',
      rule: {
        all: [
          trialEndsWithin(given.number('days')),
          { field: 'account.peopleActive', op: 'atLeast', value: given.number('people') },
          { field: 'account.daysActive', op: 'atLeast', value: 5 },
          isMain,
        ],
      },
      while: { field: 'account.status', op: 'is', value: ['free'] },
      goal: { name: 'Buys', days: 30, rule: { field: 'account.status', op: 'is', value: ['paying'] } },
      steps: [
        {
          key: 'call', kind: 'task', assignee: 'owner', each: 'account', dueDays: 1,
          subject: 'Call before the trial ends',
          text: 'Several people use the trial, and it is about to end. Ask what they achieved and what is missing, and tell them about prices before the mail with prices and discount goes out.',
        },
        {
          key: 'called', kind: 'waitFor', awaited: { kind: 'task', step: 'call' }, limit: { amount: 3, unit: 'days' }, then: [], otherwise: [],
        },
        send('prices', say('pricing', { link: given.text('link'), discount: given.text('discount') })),
      ],
    }),
}; // prettier-ignore

const extension: LifecycleTemplate = {
  code: 'LM7',
  phase: 'signup',
  name: 'Quiet trial about to expire',
  summary:
    'Has the account’s owner extend the trial, and tells the people so with a form that asks what was in the way.',
  parameters: [
    daysBefore,
    { name: 'more', label: 'Days that the trial is extended by', kind: 'number', value: 14, least: 1, most: 90 },
    { ...link('Address of the feedback form'), value: '{{ links.preferences }}/feedback' },
  ],
  make: (given, say) =>
    track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: {
        all: [
          trialEndsWithin(given.number('days')),
          {
            any: [
              { field: 'account.daysActive', op: 'atMost', value: 1 },
              { field: 'account.trackedSince', op: 'unknown' },
            ],
          },
          isMain,
        ],
      },
      goal: { name: 'Uses the trial on three days', days: 14, rule: { field: 'account.daysActive', op: 'atLeast', value: 3 } },
      steps: [
        {
          key: 'extend', kind: 'task', assignee: 'owner', each: 'account', dueDays: 1,
          subject: `Extend the trial by ${given.text('more')} days`,
          text: `Hardly anybody came to use the trial. The customer is being told that it runs ${given.text('more')} days longer: please set the new end on the license.`,
        },
        send('extension', say('extension', { link: given.text('link'), more: given.text('more') })),
      ],
    }),
}; // prettier-ignore

const untried: LifecycleTemplate = {
  code: 'LM8',
  phase: 'signup',
  name: 'Module untried in the trial',
  summary: 'Sends an introductory video to the users of a trial who have not tried a module after two weeks.',
  parameters: [
    moduleOf('The module', 'busiestModule'),
    { name: 'after', label: 'Days into the trial', kind: 'number', value: 14, least: 2, most: 90 },
    link('Address of the video'),
  ],
  make: (given, say) =>
    track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: {
        all: [
          trialWhere(trialBegan('moreThanAgo', given.number('after') - 1)),
          neverDone({ module: given.text('module') }),
          isUser,
        ],
      },
      goal: {
        name: 'Tries the module',
        days: 14,
        rule: { not: neverDone({ module: given.text('module') }) },
      },
      steps: [send('video', say('intro-video', { link: given.text('link'), module: given.text('module') }))],
    }),
};

export const signup: readonly LifecycleTemplate[] = [caseStudy, pricing, extension, untried];
