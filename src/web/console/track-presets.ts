import { everybody } from '../../rules/rules.ts';
import type { StepKind } from '../../tracks/definition.ts';

const all = JSON.stringify(everybody);

/** What a new step of each kind, or a field that was not sent, stands at. */
export const presets: Record<StepKind | 'entry' | 'leave', Record<string, string>> = {
  entry: {
    kind: 'rule',
    moment: 'entered',
    tagAct: 'added',
    again: 'never',
    againDays: '90',
    rule: all,
  },
  leave: { rule: all },
  send: { channel: 'email', messageId: '', sender: 'house' },
  wait: { amount: '3', unit: 'days' },
  waitUntil: { time: '09:00', weekdays: '1,2,3,4,5' },
  waitFor: {
    awaited: 'rule',
    rule: all,
    signal: '',
    taskStep: '',
    messageStep: '',
    did: 'clicked',
    amount: '7',
    unit: 'days',
  },
  branch: { rule: all },
  tag: { tagAct: 'add', tag: '' },
  task: { assignee: 'manager', subject: '', text: '', dueDays: '3', each: 'account' },
  exit: {},
};
