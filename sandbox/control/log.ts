/**
 * The API log: every request to the APIs, with the first 4 KB of what was asked and answered, the last 5,000 of them.
 * Rows are written in batches, off the request's way; bodies are cut while they stream by and never held.
 */
import type { NextFunction, Request, Response } from 'express';
import type { Db } from '../database.ts';

export const logTables = `
create table if not exists _log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  method text not null,
  path text not null,
  username text,
  status integer,
  milliseconds double precision not null,
  request text not null,
  request_bytes bigint not null,
  response text not null,
  response_bytes bigint not null
);
`;

/** One request of the log. `status` is null when the connection was cut before an answer. */
export interface LoggedRequest {
  id: number;
  at: string;
  method: string;
  /** With the query. */
  path: string;
  username: string | null;
  status: number | null;
  milliseconds: number;
  request: string;
  requestBytes: number;
  response: string;
  responseBytes: number;
}

/** Which part of the log to show. `path` is a part of the path, `before` an id: the page after it. */
export interface LogFilter {
  method?: string | undefined;
  path?: string | undefined;
  username?: string | undefined;
  /** Only answers of 400 and above, and cut connections. */
  isFailed?: boolean | undefined;
  before?: number | undefined;
  limit?: number | undefined;
}

type Entry = Omit<LoggedRequest, 'id'>;

const HEAD_BYTES = 4096;
const KEPT = 5000;
const FLUSH_MS = 250;

const columns = `id, at, method, path, username, status, milliseconds, request, request_bytes as "requestBytes",
  response, response_bytes as "responseBytes"`;

/** The newest requests first, at most `limit` (default 100). */
export async function loggedRequests(db: Db, filter: LogFilter = {}): Promise<LoggedRequest[]> {
  const { rows } = await db.query(
    `select ${columns} from _log
     where ($1::text is null or method = upper($1)) and ($2::text is null or strpos(lower(path), lower($2)) > 0)
       and ($3::text is null or username = $3) and (not $4 or status is null or status >= 400) and ($5::bigint is null or id < $5)
     order by id desc limit $6`,
    [
      filter.method ?? null, filter.path ?? null, filter.username ?? null, filter.isFailed ?? false,
      filter.before ?? null, Math.min(filter.limit ?? 100, KEPT),
    ], // prettier-ignore
  );
  return rows as LoggedRequest[];
}

/** One request of the log; undefined when it is no longer kept. */
export async function maybeLoggedRequest(db: Db, id: number): Promise<LoggedRequest | undefined> {
  const { rows } = await db.query(`select ${columns} from _log where id = $1`, [id]);
  return (rows as LoggedRequest[])[0];
}

/** The middleware that keeps the log, and `flush`, which writes what is still in memory (call it before closing the pool). */
export function createApiLog(db: Db) {
  let waiting: Entry[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  /* What another flush is writing at the moment is waited for, too. */
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const entries = waiting;
    waiting = [];
    if (entries.length > 0) writing = Promise.allSettled([writing, write(db, entries)]).then(() => undefined);
    await writing;
  };
  const keep = (entry: Entry) => {
    if (waiting.length >= KEPT) waiting.shift();
    waiting.push(entry);
    timer ??= setTimeout(() => void flush().catch(() => undefined), FLUSH_MS).unref();
  };
  return {
    flush,
    middleware: (req: Request, res: Response, next: NextFunction): void => {
      if (isLogged(req.path)) watch(req, res, keep);
      next();
    },
  };
}

const isLogged = (path: string) => /^\/+(services|id|sendgrid|sunshine)(\/|$)/.test(path);

function watch(req: Request, res: Response, keep: (entry: Entry) => void): void {
  const [at, started] = [new Date(), performance.now()];
  const [asked, answered] = [createHead(), createHead()];
  const emit = req.emit.bind(req);
  req.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event === 'data') asked.add(args[0]);
    return emit(event, ...args);
  };
  const [write, end] = [res.write.bind(res), res.end.bind(res)];
  res.write = ((...args: Parameters<typeof write>) => {
    answered.add(args[0]);
    return write(...args);
  }) as typeof res.write;
  res.end = ((...args: Parameters<typeof end>) => {
    answered.add(args[0]);
    return end(...args);
  }) as typeof res.end;
  res.once('close', () => {
    keep({
      at: at.toISOString(),
      method: req.method,
      path: veiled(req.originalUrl).slice(0, HEAD_BYTES),
      username: typeof res.locals.username === 'string' ? res.locals.username : null,
      status: res.writableFinished ? res.statusCode : null,
      milliseconds: Math.round((performance.now() - started) * 10) / 10,
      request: asked.text(req.headers['content-type']),
      requestBytes: asked.bytes(),
      response: answered.text(res.getHeader('content-type')?.toString()),
      responseBytes: answered.bytes(),
    });
  });
}

/** The first bytes of a body that streams by. */
function createHead() {
  let total = 0;
  let head = Buffer.alloc(0);
  return {
    add(chunk: unknown): void {
      if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
      total += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength;
      if (head.length < HEAD_BYTES)
        head = Buffer.concat([head, Buffer.from(chunk.slice(0, HEAD_BYTES) as string)]).subarray(
          0,
          HEAD_BYTES,
        );
    },
    bytes: () => total,
    text: (contentType: string | undefined) =>
      total === 0 || isText(contentType)
        ? veiled(head.toString('utf8')).replaceAll('\u0000', '\ufffd')
        : '(binary)',
  };
}

const isText = (contentType = '') => /json|xml|text|csv|urlencoded|multipart|^$/.test(contentType);

/** Secrets are no part of a log: passwords, tokens and codes in forms, JSON, XML and addresses. */
function veiled(text: string): string {
  return text
    .replace(/\b00D\w{12}![\w.-]+/g, (id) => `${id.slice(0, 15)}!…`)
    .replace(
      /\b(password|client_secret|code|code_verifier|assertion|refresh_token|token|sid)=[^&\s]+/g,
      '$1=…',
    )
    .replace(/"(password|NewPassword|refresh_token|id_token|access_token)":\s*"[^"]*"/g, '"$1":"…"')
    .replace(/<(password|sessionId)>[^<]*</g, '<$1>…<');
}

async function write(db: Db, entries: Entry[]): Promise<void> {
  await db.query(
    `insert into _log (at, method, path, username, status, milliseconds, request, request_bytes, response, response_bytes)
     select at, method, path, username, status, milliseconds, request, "requestBytes", response, "responseBytes"
     from jsonb_to_recordset($1::jsonb) as entry(at timestamptz, method text, path text, username text, status integer,
       milliseconds double precision, request text, "requestBytes" bigint, response text, "responseBytes" bigint)`,
    [JSON.stringify(entries)],
  );
  await db.query(`delete from _log where id <= (select max(id) from _log) - ${String(KEPT)}`);
}
