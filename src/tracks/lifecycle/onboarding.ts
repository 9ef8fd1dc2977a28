import { activationSteps, link, moduleOf, send, stepsOf, track, wait, when } from './parts.ts';
import {
  allDone, firstDone, isMain, isSettingUp, isUser, lastActive, neverDone, paying, personDid, personNeverDid, someDone, someMissing,
} from './rules.ts'; // prettier-ignore
import type { LifecycleTemplate } from './template.ts';

import type { Rule } from '../../rules/rules.ts';

/* Who is being set up: on trial, or a customer of the last weeks. */

const nextStep: LifecycleTemplate = {
  code: 'LM2',
  phase: 'onboarding',
  name: 'Some activation steps missing',
  summary: 'Sends a tip for each activation step that is missing, the next one first, four days apart.',
  parameters: [...activationSteps, link('Address of tutorials and trainings')],
  make: (given, say) => {
    const steps = stepsOf(given);
    const rested = steps.map((action): Rule => ({
      any: [neverDone({ action }), firstDone({ action }, 'moreThanAgo', 1)],
    }));
    return track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: { all: [isSettingUp, someDone(steps), someMissing(steps), ...rested, isMain] },
      while: someMissing(steps),
      goal: { name: 'Does all activation steps', days: 21, rule: allDone(steps) },
      steps: steps.map((action, index) =>
        when(
          `step${String(index + 1)}`,
          neverDone({ action }),
          send(`tip${String(index + 1)}`, say('next-step', { step: action, link: given.text('link') })),
          wait(`pause${String(index + 1)}`, 4),
        ),
      ),
    });
  },
};

const setUp: LifecycleTemplate = {
  code: 'LM3',
  phase: 'onboarding',
  name: 'Set up',
  summary: 'Congratulates when the last activation step was done, and says what comes next.',
  parameters: [...activationSteps, link('Address of the next steps')],
  make: (given, say) => {
    const steps = stepsOf(given);
    return track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: {
        all: [
          isSettingUp,
          allDone(steps),
          { any: steps.map((action) => firstDone({ action }, 'withinPast', 2)) },
          isMain,
        ],
      },
      goal: {
        name: 'Three people use it',
        days: 30,
        rule: { field: 'account.peopleActive', op: 'atLeast', value: 3 },
      },
      steps: [send('congratulations', say('congratulations', { link: given.text('link') }))],
    });
  },
};

const notSince: LifecycleTemplate = {
  code: 'LM4',
  phase: 'onboarding',
  name: 'Set up, not used since',
  summary:
    'Sends hints on rolling it out within the company when nobody came back after the day of set-up.',
  parameters: [
    ...activationSteps,
    { name: 'quiet', label: 'Days without use', kind: 'number', value: 5, least: 1, most: 60 },
    link('Address of the roll-out kit'),
  ],
  make: (given, say) => {
    const steps = stepsOf(given);
    return track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: {
        all: [
          isSettingUp,
          allDone(steps),
          {
            any: steps.map((action): Rule => ({
              field: 'usage.daysAfterFirst', with: { action }, op: 'is', value: 0,
            })),
          },
          lastActive('moreThanAgo', given.number('quiet') - 1),
          isMain,
        ],
      },
      goal: { name: 'Comes back', days: 14, rule: lastActive('withinPast', 3) },
      steps: [send('roll-out', say('roll-out', { link: given.text('link') }))],
    });
  },
}; // prettier-ignore

const alone: LifecycleTemplate = {
  code: 'LM5',
  phase: 'onboarding',
  name: 'No colleagues invited',
  summary: 'Sends a training video to pass on to who has used the product alone for a week.',
  parameters: [
    {
      name: 'invite', label: 'The action of inviting', hint: 'As the product calls it; empty: whoever is the only user', kind: 'text',
      value: { from: 'invitation' }, isOptional: true,
    },
    link('Address of the training video'),
  ],
  make: (given, say) => {
    const action = given.text('invite');
    const users: Rule = { field: 'account.people', with: { where: isUser }, op: 'is', value: 1 };
    return track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: {
        all: [
          isSettingUp,
          users,
          ...(action === '' ? [] : [neverDone({ action })]),
          { field: 'account.trackedSince', op: 'moreThanAgo', value: 6 },
          lastActive('withinPast', 14),
          isUser,
        ],
      },
      while: users,
      goal: {
        name: 'A second person uses it',
        days: 30,
        rule: { field: 'account.people', with: { where: isUser }, op: 'atLeast', value: 2 },
      },
      steps: [send('video', say('share-video', { link: given.text('link') }))],
    });
  },
}; // prettier-ignore

const started: LifecycleTemplate = {
  code: 'LM9',
  phase: 'onboarding',
  name: 'Started a module',
  summary: 'Sends best practices and implementation notes to those who brought a module into use this week.',
  parameters: [moduleOf('The module', 'busiestModule'), link('Address of the implementation notes')],
  make: (given, say) => {
    const module = given.text('module');
    return track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: { all: [isSettingUp, firstDone({ module }, 'withinPast', 7), personDid({ module })] },
      goal: {
        name: 'Uses it on five days',
        days: 30,
        rule: { field: 'personUsage.days', with: { module, days: 14 }, op: 'atLeast', value: 5 },
      },
      steps: [send('practices', say('best-practices', { link: given.text('link'), module }))],
    });
  },
};

const welcome: LifecycleTemplate = {
  code: 'LM17',
  phase: 'onboarding',
  name: 'Every new user',
  summary:
    'Welcomes whoever uses the product for the first time, and writes again within the week if they have not found a module.',
  parameters: [moduleOf('The module to find', 'busiestModule'), link('Address of the first steps')],
  make: (given, say) => {
    const module = given.text('module');
    return track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: {
        all: [
          { field: 'person.firstActiveOn', op: 'withinPast', value: 3 },
          { field: 'account.status', op: 'is', value: ['paying', 'free'] },
        ],
      },
      goal: {
        name: 'Active on five days',
        days: 30,
        rule: { field: 'person.daysActive', op: 'atLeast', value: 5 },
      },
      steps: [
        send('welcome', say('welcome', { link: given.text('link') })),
        wait('first-days', 6),
        when(
          'unused',
          personNeverDid({ module }),
          send('follow-up', say('welcome-follow-up', { module, link: given.text('link') })),
        ),
      ],
    });
  },
};

const drip: LifecycleTemplate = {
  code: 'LM18',
  phase: 'onboarding',
  name: 'Set up within 30 days',
  summary:
    'Three mails over the first weeks of a customer until the product is set up; on day 25 a call for the success manager.',
  parameters: [
    {
      name: 'action', label: 'The action that says it is set up', hint: 'As the product calls it', kind: 'text', value: { from: 'setUpAction' },
    },
    link('Address of the set-up guide'),
  ],
  make: (given, say) => {
    const [action, fill] = [given.text('action'), { link: given.text('link') }];
    return track({
      messageClass: 'success',
      topic: 'onboarding',
      rule: {
        all: [
          paying,
          { field: 'account.customerSince', op: 'withinPast', value: 7 },
          neverDone({ action }),
          isMain,
        ],
      },
      while: neverDone({ action }),
      goal: { name: 'Is set up', days: 30, rule: firstDone({ action }, 'withinPast', 60) },
      steps: [
        send('begin', say('set-up-begin', fill)),
        wait('week', 7),
        send('middle', say('set-up-middle', fill)),
        wait('second-week', 8),
        send('end', say('set-up-end', fill)),
        wait('third-week', 8),
        {
          key: 'call', kind: 'task', assignee: 'manager', each: 'account', dueDays: 2,
          subject: 'Help them to set it up',
          text: 'Customers for more than three weeks, and it is not set up yet. Three mails had no effect: offer to do it together.',
        },
      ],
    });
  },
}; // prettier-ignore

export const onboarding: readonly LifecycleTemplate[] = [
  nextStep,
  setUp,
  notSince,
  alone,
  started,
  welcome,
  drip,
];
