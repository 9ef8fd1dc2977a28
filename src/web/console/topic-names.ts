import type { Topic } from '../../consent/topics.ts';
import { translator } from '../../platform/words.ts';

const t = translator('en', 'console');

/** What a topic is called in the console, which speaks English. */
export const topicName = ({ code, isSeeded, words }: Pick<Topic, 'code' | 'isSeeded' | 'words'>): string =>
  isSeeded ? t(`topics.${code}.name`, { defaultValue: code }) : (words.en?.name ?? code);
