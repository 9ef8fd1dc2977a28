import busboy from 'busboy';

import { ApiError } from '../errors.ts';

import type { Request } from 'express';

/** A part of a multipart request that holds a file. */
export interface FilePart {
  /** The part's own name: a base64 field of the record, or `file`. */
  name: string;
  filename: string;
  mimeType: string;
  content: Buffer;
}

/** The parts of a multipart request, in whatever order they came. */
export interface Parts {
  files: FilePart[];
  /** Texts by name, JSON parts among them. */
  fields: Record<string, string>;
}

/** More than Rapport sends; a real org takes 2 GB for a ContentVersion. */
const MOST_BYTES = 100 * 1024 * 1024;

/** Reads a multipart/form-data request. @throws ApiError for what is none, is cut off, or holds too much. */
export async function readParts(req: Request): Promise<Parts> {
  const parts: Parts = { files: [], fields: {} };
  const pending: Promise<void>[] = [];
  try {
    const reader = busboy({
      headers: req.headers,
      defParamCharset: 'utf8',
      limits: { fileSize: MOST_BYTES, fieldSize: MOST_BYTES },
    });
    reader.on('field', (name: string, value: string) => {
      parts.fields[name] = value;
    });
    reader.on('file', (name, stream, { filename, mimeType }) => {
      pending.push(
        collect(stream).then((content) => {
          parts.files.push({ name, filename: filename ?? '', mimeType, content });
        }),
      );
    });
    await new Promise<void>((resolve, reject) => {
      reader.once('close', resolve).once('error', reject);
      req.once('aborted', () => { reject(new Error('the request was cut off')); }); // prettier-ignore
      req.pipe(reader);
    });
    await Promise.all(pending);
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw Object.assign(new ApiError(400, 'INVALID_MULTIPART_REQUEST', 'Invalid multipart request'), {
      cause,
    });
  }
  return parts;
}

async function collect(stream: NodeJS.ReadableStream & { truncated?: boolean }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  if (stream.truncated) throw new ApiError(400, 'REQUEST_LIMIT_EXCEEDED', 'The file is too large.');
  return Buffer.concat(chunks);
}
