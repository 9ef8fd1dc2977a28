import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

import busboy from 'busboy';

/** What a form with files may hold. */
export interface MultipartLimits {
  files: number;
  /** Of one file; what goes beyond is read and dropped. */
  fileBytes: number;
  /** Of the whole request; beyond it is not read on. */
  totalBytes: number;
}

/** A file as it streams in, under the name that its sender gives it. It ends one byte after the limit where it is larger. */
export interface IncomingFile {
  field: string;
  name: string;
  bytes: AsyncIterable<Buffer>;
}

/** A form's fields; one sent several times is a list. */
export type Fields = Record<string, string | string[]>;

const MAX_FIELDS = 100;
const MAX_FIELD_BYTES = 256 * 1024;

const refusal = (status: 400 | 413, message: string) => Object.assign(new Error(message), { status });

/**
 * Reads a form with files, none of it into memory: each file is given to `keep` as it arrives, one after another, with the fields
 * sent before it. Fields sent before the files are known even when a file is refused.
 * @returns the fields, and whether more files came than may. @throws errors marked with status 400 or 413
 */
export async function readMultipart(
  req: IncomingMessage,
  limits: MultipartLimits,
  keep: (file: IncomingFile, fields: Fields) => Promise<void>,
): Promise<{ fields: Fields; hasTooManyFiles: boolean }> {
  const form = formOf(req, limits);
  const fields: Fields = Object.create(null) as Fields;
  const kept: Promise<void>[] = [];
  let hasTooManyFiles = false;
  form.on('field', (name, value) => {
    add(fields, name, value.replaceAll('\0', ''));
  });
  form.on('file', (field, file, { filename }) => {
    file.on('error', () => undefined);
    const taken =
      filename === undefined || filename === ''
        ? Promise.resolve()
        : keep(incoming(field, filename, file), fields);
    kept.push(taken.finally(() => file.resume()));
    kept.at(-1)?.catch(() => undefined);
  });
  form.on('filesLimit', () => {
    hasTooManyFiles = true;
  });
  try {
    await readWhole(req, form, limits.totalBytes);
  } finally {
    await Promise.allSettled(kept);
  }
  await Promise.all(kept);
  return { fields, hasTooManyFiles };
}

function formOf(req: IncomingMessage, { files, fileBytes, totalBytes }: MultipartLimits): busboy.Busboy {
  /* What is packed could unpack to anything; browsers send forms as they are. */
  if (req.headers['content-encoding'] !== undefined) throw refusal(400, 'a form must not be compressed');
  if (Number(req.headers['content-length'] ?? 0) > totalBytes) throw refusal(413, 'the form is too large');
  try {
    return busboy({
      headers: req.headers,
      defParamCharset: 'utf8',
      limits: {
        files, fileSize: fileBytes + 1, fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES, fieldNameSize: 100, parts: MAX_FIELDS + files,
        headerPairs: 20,
      }, // prettier-ignore
    });
  } catch (cause) {
    throw Object.assign(refusal(400, 'the form cannot be read'), { cause });
  }
}

/* Leaving the loop over its bytes early must not destroy the file: the rest of the form comes after it. */
const incoming = (field: string, name: string, file: Readable): IncomingFile => ({
  field,
  name,
  bytes: { [Symbol.asyncIterator]: () => file.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer> },
});

function readWhole(req: IncomingMessage, form: busboy.Busboy, totalBytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let read = 0;
    const fail = (error: Error) => {
      req.unpipe(form);
      form.destroy();
      reject(error);
    };
    req.on('data', (bytes: Buffer) => {
      read += bytes.length;
      if (read > totalBytes) fail(refusal(413, 'the form is too large'));
    });
    req.on('close', () => {
      if (!req.complete) fail(refusal(400, 'the form broke off'));
    });
    form.on('error', (cause) => {
      fail(Object.assign(refusal(400, 'the form cannot be read'), { cause }));
      req.resume();
    });
    form.on('close', resolve);
    req.pipe(form);
  });
}

function add(fields: Fields, name: string, value: string): void {
  const known = fields[name];
  if (known === undefined) fields[name] = value;
  else fields[name] = Array.isArray(known) ? [...known, value] : [known, value];
}
