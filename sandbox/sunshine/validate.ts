import { badRequest } from './errors.ts';

export type Fields = Record<string, unknown>;

export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const MOST_TEXT = 4_096;
const MOST_METADATA = 4_096;

/** Metadata: a flat object of 4 kB. @throws Refusal */
export function metadataOf(value: unknown): Fields | null {
  if (value === undefined) return null;
  const metadata = fields(value);
  if (value === null || Array.isArray(value) || typeof value !== 'object')
    throw badRequest('metadata should be object');
  if (Buffer.byteLength(JSON.stringify(metadata)) > MOST_METADATA)
    throw badRequest('metadata should NOT be larger than 4096 bytes');
  if (Object.values(metadata).some((each) => typeof each === 'object' && each !== null))
    throw badRequest('metadata should be a flat object');
  return metadata;
}

/** The content of a message, as Sunshine takes it. @throws Refusal */
export function contentOf(value: unknown): Fields {
  const content = fields(value);
  const check = checks[String(content.type)];
  if (check === undefined)
    throw badRequest(
      'content.type should be one of: text, image, file, carousel, list, form, location, template',
    );
  check(content);
  return content;
}

const checks: Record<string, (content: Fields) => void> = {
  text(content) {
    needText(content, 'text', MOST_TEXT);
    actionsOf(content, 10);
  },
  image(content) {
    needUrl(content.mediaUrl, 'content.mediaUrl');
    actionsOf(content, 10);
  },
  file(content) {
    needUrl(content.mediaUrl, 'content.mediaUrl');
  },
  carousel: items,
  list: items,
};

function items(content: Fields): void {
  const all = list(content.items);
  if (all.length === 0 || all.length > 10)
    throw badRequest('content.items should hold between 1 and 10 items');
  for (const [index, each] of all.entries()) {
    const item = fields(each);
    needText(item, 'title', 128, `content.items[${String(index)}]`);
    if (item.mediaUrl !== undefined) needUrl(item.mediaUrl, `content.items[${String(index)}].mediaUrl`);
    if (list(item.actions).length === 0)
      throw badRequest(`content.items[${String(index)}].actions is required`);
    actionsOf(item, 3);
  }
}

function needText(holder: Fields, name: string, most: number, path = 'content'): void {
  const value = holder[name];
  if (typeof value !== 'string' || value === '') throw badRequest(`${path}.${name} is required`);
  if (value.length > most)
    throw badRequest(`${path}.${name} should NOT be longer than ${String(most)} characters`);
}

function actionsOf({ actions }: Fields, most: number): void {
  if (list(actions).length > most)
    throw badRequest(`content.actions should NOT have more than ${String(most)} items`);
  for (const each of list(actions)) {
    const action = fields(each);
    if (!['link', 'reply', 'postback', 'webview', 'buy', 'locationRequest'].includes(String(action.type)))
      throw badRequest('content.actions[].type should be equal to one of the allowed values');
    needText(action, 'text', 128, 'content.actions[]');
    if (action.type === 'link' || action.type === 'webview') needUrl(action.uri, 'content.actions[].uri');
  }
}

function needUrl(value: unknown, path: string): void {
  if (typeof value !== 'string' || value.length > 2_048 || !/^(https?:\/\/|mailto:|tel:)/.test(value))
    throw badRequest(`${path} should match format "uri"`);
}
