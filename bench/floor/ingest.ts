import express from 'express';

/**
 * The floor of P7: reads the same batches and looks at each message as little as one may before saying that it is taken.
 * Environment: FLOOR_PORT.
 */
interface Batch {
  batch: { type?: unknown; userId?: unknown; event?: unknown }[];
}

express()
  .disable('x-powered-by')
  .disable('etag')
  .use(express.raw({ type: () => true, limit: 512_000 }), (req, res) => {
    const { batch } = JSON.parse((req.body as Buffer).toString('utf8')) as Batch;
    const isGood = batch.every(
      ({ type, userId, event }) =>
        type === 'track' && typeof userId === 'string' && typeof event === 'string',
    );
    res.status(isGood ? 200 : 400).json({ success: isGood });
  })
  .listen(Number(process.env.FLOOR_PORT ?? '0'), '127.0.0.1', () => process.send?.('ready'));
