import type { Org } from '../context.ts';
import { changeEventOf, sobjectOfChangeEvent } from './entities.ts';
import type { Selection } from './selection.ts';

/** Where the messages of a channel come from: topics, and the channel's name as members call it. */
export interface Source {
  channel: string;
  /** Asked each time: deployments change what a channel carries. */
  topics: () => string[];
  /** Hours for which it can be replayed. */
  hours: number;
}

/** What a client may subscribe to; undefined for a channel that there isn't. */
export function maybeSource(org: Org, name: string): Source | undefined {
  const [, kind = '', rest = ''] = /^\/(data|event|topic|u)\/([^*]+)$/i.exec(name) ?? [];
  return (finders[kind.toLowerCase()] ?? (() => undefined))(org, rest, name);
}

type Finder = (org: Org, rest: string, name: string) => Source | undefined;

const finders: Record<string, Finder> = {
  data(org, rest) {
    const { settings, selection } = org.events;
    const hours = settings.retentionHours;
    if (/^ChangeEvents$/i.test(rest) || selection().channels.has(rest.toLowerCase()))
      return { channel: rest, topics: () => topicsOf(selection(), rest), hours };
    const sobject = sobjectOfChangeEvent(org.catalog, rest);
    if (!sobject) return undefined;
    const topic = changeEventOf(sobject.name);
    return { channel: 'ChangeEvents', topics: () => topicsOf(selection(), 'ChangeEvents').filter((each) => each === topic), hours };
  },
  event(org, rest) {
    const { settings, selection } = org.events;
    const hours = settings.retentionHours;
    if (selection().channels.has(rest.toLowerCase())) return { channel: rest, topics: () => topicsOf(selection(), rest), hours };
    const sobject = rest.endsWith('__e') ? org.catalog.find(rest) : undefined;
    return sobject && { channel: sobject.name, topics: () => [sobject.name], hours };
  },
  topic(org, rest, name) {
    const isThere = () => org.events.selection().topics.some((topic) => topic.name === rest);
    return isThere() ? { channel: name, topics: () => (isThere() ? [name] : []), hours: 24 } : undefined;
  },
  u(org, rest, name) {
    return org.events.selection().streams.has(`/u/${rest}`) ? { channel: name, topics: () => [name], hours: 24 } : undefined;
  },
}; // prettier-ignore

const topicsOf = ({ members }: Selection, channel: string): string[] =>
  members
    .filter((member) => member.channel.toLowerCase() === channel.toLowerCase())
    .map(({ sobject }) => (sobject.endsWith('__e') ? sobject : changeEventOf(sobject)));
