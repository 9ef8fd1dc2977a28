import { complaint } from './errors.ts';
import { attachmentErrors, contentErrors } from './validate-content.ts';
import { fields, isFilled, list } from './validate-values.ts';

import type { SendGridError } from './errors.ts';
import type { Fields } from './validate-values.ts';

const MOST = 1000;
const CUSTOM_ARGS_BYTES = 10_000;
const SUBSTITUTIONS_BYTES = 10_000;
const MAIL_BYTES = 20 * 1024 * 1024;
const LATEST_SEND_SECONDS = 72 * 3600;

/**
 * What SendGrid would say against a mail/send request, in its words; empty when it would accept it.
 * Rules and limits: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
 */
export function complaints(mail: Fields, now: Date): SendGridError[] {
  return [
    ...personalizationErrors(mail),
    ...fromErrors(mail.from),
    ...replyErrors(mail),
    ...subjectErrors(mail),
    ...contentErrors(mail),
    ...list(mail.attachments).flatMap((each, index) => attachmentErrors(fields(each), index)),
    ...customArgErrors(mail),
    ...categoryErrors(mail.categories),
    ...headerErrors(mail.headers, 'headers'),
    ...sendAtErrors(mail.send_at, now),
  ];
}

/** Whether a mail of this request would be above 20 MB, with its attachments as they travel. */
export function isTooLarge(mail: Fields): boolean {
  const parts = [...list(mail.content).map(fields), ...list(mail.attachments).map(fields)];
  const size = parts.reduce((sum, { value, content }) => sum + lengthOf(value) + lengthOf(content), 0);
  return size > MAIL_BYTES;
}

const lengthOf = (value: unknown): number => (typeof value === 'string' ? Buffer.byteLength(value) : 0);

function personalizationErrors(mail: Fields): SendGridError[] {
  const all = list(mail.personalizations).map(fields);
  const name = 'personalizations';
  if (all.length === 0)
    return [
      complaint(
        name,
        'The personalizations field is required and must have at least one personalization.',
        name,
      ),
    ];
  if (all.length > MOST) {
    const given = String(all.length);
    return [
      complaint(
        name,
        `The personalization block is limited to 1000 personalizations per API request. You have provided ${given} personalizations. Please consider splitting this into multiple requests and resending your request.`,
        name,
      ),
    ];
  }
  const recipients = all.reduce((sum, each) => sum + addresses(each).length, 0);
  const tooMany =
    recipients > MOST
      ? [
          complaint(
            name,
            'There is a limit of 1000 total recipients (to + cc + bcc) per request.',
            `${name}.recipient_count`,
          ),
        ]
      : [];
  return [
    ...tooMany,
    ...repeatedErrors(all),
    ...all.flatMap((each, index) => personalizationError(each, `personalizations.${String(index)}`, mail)),
  ];
}

/** An address may be in one personalization of a request alone. */
function repeatedErrors(all: Fields[]): SendGridError[] {
  const seen = new Set<string>();
  for (const each of all) {
    const own = new Set(addresses(each).map(({ email }) => email.toLowerCase()));
    for (const email of own) {
      if (seen.has(email) && email !== '')
        return [
          complaint(
            'personalizations',
            `Each unique email address in the personalizations array should only be included once. You have included [${email}] more than once.`,
            'personalizations',
          ),
        ];
      seen.add(email);
    }
  }
  return [];
}

function personalizationError(personalization: Fields, path: string, mail: Fields): SendGridError[] {
  const errors: SendGridError[] = [];
  if (list(personalization.to).length === 0)
    errors.push(
      complaint(
        `${path}.to`,
        'The to array is required for all personalization objects, and must have at least one email object with a valid email address.',
        'personalizations.to',
      ),
    );
  for (const { email, field } of addresses(personalization))
    if (!isEmail(email))
      errors.push(
        complaint(`${path}.${field}.email`, 'Does not contain a valid address.', 'personalizations.to'),
      );
  const twice = firstRepeated(addresses(personalization));
  if (twice)
    errors.push(
      complaint(
        path,
        `Each email address in the personalization block should be unique between to, cc, and bcc. We found the first duplicate instance of [${twice.email}] in the ${path}.${twice.field.split('.')[0] ?? ''} field.`,
        'recipient-errors',
      ),
    );
  if (personalization.subject !== undefined && !isFilled(personalization.subject))
    errors.push(
      complaint(
        `${path}.subject`,
        'The subject of your email must be a string at least one character in length.',
        'personalizations.subject',
      ),
    );
  if (personalization.dynamic_template_data !== undefined && personalization.substitutions !== undefined)
    errors.push(
      complaint(
        `${path}.substitutions`,
        'Substitutions may not be used with dynamic templating',
        'personalizations.substitutions',
      ),
    );
  return [
    ...errors,
    ...headerErrors(personalization.headers, `${path}.headers`),
    ...substitutionErrors(personalization, path, mail),
  ];
}

function substitutionErrors({ substitutions }: Fields, path: string, mail: Fields): SendGridError[] {
  if (substitutions === undefined) return [];
  const anchor = 'personalizations.substitutions';
  if (isFilled(mail.template_id) && String(mail.template_id).startsWith('d-'))
    return [
      complaint(`${path}.substitutions`, 'Substitutions may not be used with dynamic templating', anchor),
    ];
  if (bytes(substitutions) > SUBSTITUTIONS_BYTES)
    return [
      complaint(
        `${path}.substitutions`,
        'The maximum collective size of your substitutions may not exceed 10,000 bytes per personalization object.',
        anchor,
      ),
    ];
  const isBad = Object.values(fields(substitutions)).some((value) => typeof value !== 'string');
  return isBad
    ? [
        complaint(
          `${path}.substitutions`,
          'The substitutions must be an object of key(substitution tag):value(substitution value) pairs, and each value must be a string.',
          anchor,
        ),
      ]
    : [];
}

function addresses(personalization: Fields): { email: string; field: string }[] {
  return ['to', 'cc', 'bcc'].flatMap((kind) =>
    list(personalization[kind]).map((each, index) => {
      const { email } = fields(each);
      return { email: typeof email === 'string' ? email : '', field: `${kind}.${String(index)}` };
    }),
  );
}

function firstRepeated(
  all: { email: string; field: string }[],
): { email: string; field: string } | undefined {
  const seen = new Set<string>();
  return all.find(({ email }) => {
    const key = email.toLowerCase();
    const isRepeated = email !== '' && seen.has(key);
    seen.add(key);
    return isRepeated;
  });
}

const isEmail = (email: unknown): boolean =>
  typeof email === 'string' &&
  email.length <= 320 &&
  /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\.]+(\.[^\s@<>(),;:"[\]\\.]+)+$/.test(email);

function fromErrors(from: unknown): SendGridError[] {
  const { email } = fields(from);
  if (!isFilled(email))
    return [
      complaint(
        'from.email',
        'The from object must be provided for every email send. It is an object that requires the email parameter, but may also contain a name parameter.  e.g. {"email" : "example@example.com"}  or {"email" : "example@example.com", "name" : "Example Recipient"}.',
        'from',
      ),
    ];
  return isEmail(email)
    ? []
    : [complaint('from.email', 'The from email does not contain a valid address.', 'from')];
}

function replyErrors(mail: Fields): SendGridError[] {
  if (mail.reply_to === undefined || isEmail(fields(mail.reply_to).email)) return [];
  return [complaint('reply_to.email', 'The reply_to email does not contain a valid address.', 'reply_to')];
}

function subjectErrors(mail: Fields): SendGridError[] {
  const everyone = list(mail.personalizations).map(fields);
  if (isFilled(mail.template_id) || isFilled(mail.subject)) return [];
  if (everyone.length > 0 && everyone.every(({ subject }) => isFilled(subject))) return [];
  return [
    complaint(
      'subject',
      'The subject is required. You can get around this requirement if you use a template with a subject defined or if every personalization has a subject defined.',
      'subject',
    ),
  ];
}

/** The limit counts what one recipient's event would carry: the mail's own arguments and the personalization's. */
function customArgErrors(mail: Fields): SendGridError[] {
  const most = Math.max(0, ...list(mail.personalizations).map((each) => bytes(fields(each).custom_args)));
  if (bytes(mail.custom_args) + most < CUSTOM_ARGS_BYTES) return [];
  return [
    complaint('custom_args', 'The total size of custom_args must be less than 10,000 bytes.', 'custom_args'),
  ];
}

const bytes = (value: unknown): number =>
  value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));

function categoryErrors(categories: unknown): SendGridError[] {
  const all = list(categories);
  const anchor = 'categories';
  if (all.length > 10) return [complaint(anchor, 'There is a limit of 10 categories per email.', anchor)];
  if (all.some((each) => typeof each !== 'string' || each.length > 255))
    return [complaint(anchor, 'Categories must be strings of at most 255 characters.', anchor)];
  return new Set(all).size < all.length ? [complaint(anchor, 'Categories must be unique.', anchor)] : [];
}

const reserved = new Set([
  'x-sg-id', 'x-sg-eid', 'received', 'dkim-signature', 'content-type', 'content-transfer-encoding', 'to', 'from',
  'subject', 'reply-to', 'cc', 'bcc',
]); // prettier-ignore

function headerErrors(headers: unknown, path: string): SendGridError[] {
  return Object.entries(fields(headers)).flatMap(([name, value]) => {
    if (reserved.has(name.toLowerCase()))
      return [
        complaint(
          `${path}.${name}`,
          `The header '${name}' is a reserved header and cannot be overridden.`,
          'headers',
        ),
      ];
    return typeof value === 'string' && !/[\r\n]/.test(name + value)
      ? []
      : [complaint(`${path}.${name}`, 'Headers must be strings.', 'headers')];
  });
}

function sendAtErrors(sendAt: unknown, now: Date): SendGridError[] {
  if (sendAt === undefined) return [];
  const seconds = now.getTime() / 1000;
  if (!Number.isInteger(sendAt))
    return [complaint('send_at', 'The send_at parameter must be an integer.', 'send_at')];
  return Number(sendAt) > seconds + LATEST_SEND_SECONDS
    ? [complaint('send_at', 'Scheduling more than 72 hours in advance is forbidden.', 'send_at')]
    : [];
}
