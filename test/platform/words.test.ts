import { describe, expect, test } from 'vitest';

import { translator } from '../../src/platform/words.ts';

const t = translator('en', 'console');

describe('words', () => {
  test('are filled in with what is told, which is never read as words itself', () => {
    for (let round = 0; round < 2; round++) {
      expect(t('bulk.chooseOne', { name: 'Halden $t(bulk.label) {{name}} <b>' })).toBe(
        'Choose Halden $t(bulk.label) {{name}} <b>',
      );
      expect(t('reports.asOf', { at: 'Nov 22' })).toBe('As of Nov 22.');
      expect(t('reports.asOf', { at: 'Nov 23' })).toBe('As of Nov 23.');
    }
  });

  test('follow the count, each time they are asked for', () => {
    for (let round = 0; round < 2; round++)
      expect([1, 2].map((count) => t('lists.chips.renewal', { count }))).toEqual([
        'Renewal within 1 day',
        'Renewal within 2 days',
      ]);
  });

  test('that are not there give way to what stands in for them', () => {
    expect(t('stages.someOther', { defaultValue: 'Some other' })).toBe('Some other');
    expect(t('stages.someOther', { defaultValue: 'Another' })).toBe('Another');
  });

  test('say other words where they name them, chosen by what is told', () => {
    const mail = translator('en', 'mail');
    const text = mail('run-paused.text', { campaign: 'Spring', reason: 'failures' });
    expect(text).toContain('“Spring” has been paused: too many');
    expect(text).not.toContain('$t(');
  });
});
