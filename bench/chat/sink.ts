import { createServer } from 'node:http';

/*
 * A chat provider for benchmarks: answers each request after CHAT_LATENCY milliseconds, takes so many a second as `POST /limit {perSecond}` says (a tenth of
 * a second's worth at once), and answers 429 above that. `GET /counts` says what it saw since the last limit, and how often each message came.
 */
const LATENCY = Number(process.env.CHAT_LATENCY);

let perSecond = Infinity;
let left = 0;
let at = performance.now();
let counts = { taken: 0, limited: 0, duplicates: 0 };
let seen = new Set<string>();

createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    if (req.url === '/counts') res.end(JSON.stringify(counts));
    else if (req.url === '/limit') {
      perSecond = (JSON.parse(text) as { perSecond: number | null }).perSecond ?? Infinity;
      [left, at, counts, seen] = [0, performance.now(), { taken: 0, limited: 0, duplicates: 0 }, new Set()];
      res.end();
    } else {
      const isTaken = mayTake();
      if (isTaken) take(text);
      setTimeout(() => {
        if (isTaken) res.writeHead(201).end('{"messages":[{"id":"m"}]}');
        else res.writeHead(429).end('{"errors":[{"code":"too_many_requests","title":"Too many requests"}]}');
      }, LATENCY);
    }
  });
}).listen(Number(process.env.SINK_PORT), '127.0.0.1', () => process.send?.('ready'));

function mayTake(): boolean {
  if (perSecond === Infinity) return true;
  const present = performance.now();
  left = Math.min(Math.max(1, perSecond / 10), left + ((present - at) * perSecond) / 1_000);
  at = present;
  if (left < 1) return false;
  left -= 1;
  return true;
}

function take(text: string): void {
  counts.taken += 1;
  const [, n = text] = /"rapportN":"(\d+)"/.exec(text) ?? [];
  if (seen.has(n) && n !== '0') counts.duplicates += 1;
  seen.add(n);
}
