import { complaint } from './errors.ts';
import { fields, isFilled, list } from './validate-values.ts';

import type { SendGridError } from './errors.ts';
import type { Fields } from './validate-values.ts';

/** What SendGrid would say against the parts of a mail. */
export function contentErrors(mail: Fields): SendGridError[] {
  const blocks = list(mail.content).map(fields);
  if (blocks.length === 0) {
    if (isFilled(mail.template_id)) return [];
    return [
      complaint(
        'content',
        'Unless a valid template_id is provided, the content parameter is required. There must be at least one defined content block. We typically suggest both text/plain and text/html blocks are included, but only one block is required.',
        'content',
      ),
    ];
  }
  const errors = blocks.flatMap(blockErrors);
  const types = blocks.map(({ type }) => type);
  if (types.lastIndexOf('text/plain') > 0 || types.lastIndexOf('text/html') > 1)
    errors.push(
      complaint(
        'content',
        'If present, text/plain and text/html may only be provided once, and must be the first and second objects in the content array.',
        'content',
      ),
    );
  return errors;
}

function blockErrors(block: Fields, index: number): SendGridError[] {
  const path = `content.${String(index)}`;
  const errors: SendGridError[] = [];
  if (!isFilled(block.value))
    errors.push(
      complaint(
        `${path}.value`,
        'The content value must be a string at least one character in length.',
        'content.value',
      ),
    );
  if (!isFilled(block.type) || /[;\r\n]/.test(String(block.type)))
    errors.push(
      complaint(
        `${path}.type`,
        'The content type must be a string at least one character in length, and must not contain ; or CRLF characters.',
        'content.type',
      ),
    );
  return errors;
}

/** What it would say against one that is attached. */
export function attachmentErrors(attachment: Fields, index: number): SendGridError[] {
  const path = `attachments.${String(index)}`;
  const errors: SendGridError[] = [];
  if (!isFilled(attachment.content) || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(String(attachment.content)))
    errors.push(
      complaint(`${path}.content`, 'The attachment content must be base64 encoded.', 'attachments.content'),
    );
  if (!isFilled(attachment.filename))
    errors.push(
      complaint(`${path}.filename`, 'The filename of the attachment is required.', 'attachments.filename'),
    );
  return errors;
}
