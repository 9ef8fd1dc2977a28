import type { Request, Response } from 'express';
import type { Fault } from './faults.ts';

type Truncation = NonNullable<Fault['effect']['truncate']>;

/**
 * Lets an answer end early. With a share the body is gathered first, since its length must be known; with bytes it streams up to
 * there. Then the connection is cut, or quietly ends as if that were all.
 */
export function truncateAnswer(
  { req, res }: { req: Request; res: Response },
  { share = 0.5, bytes, quiet = false }: Truncation,
): void {
  const [write, end] = [res.write.bind(res), res.end.bind(res)];
  const gathered: Buffer[] = [];
  const keep = (chunk: unknown) => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) gathered.push(Buffer.from(chunk as string));
  };
  const stop = (body: Buffer) => {
    Object.assign(res, { write: () => true, end: () => res });
    if (!res.headersSent) res.removeHeader('content-length');
    if (quiet) end(body);
    else {
      write(body);
      (res as { flush?: () => void }).flush?.();
      setTimeout(() => req.socket.destroy(), 20);
    }
  };
  res.write = ((chunk: unknown, ...rest: unknown[]) => {
    keep(chunk);
    if (bytes !== undefined && lengthOf(gathered) > bytes) stop(Buffer.concat(gathered).subarray(0, bytes));
    const done = rest.find((each) => typeof each === 'function') as (() => void) | undefined;
    done?.();
    return true;
  }) as typeof res.write;
  res.end = ((chunk?: unknown) => {
    keep(chunk);
    const body = Buffer.concat(gathered);
    stop(body.subarray(0, bytes ?? Math.floor(body.length * share)));
    return res;
  }) as typeof res.end;
}

const lengthOf = (chunks: Buffer[]) => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
