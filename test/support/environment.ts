import { createTestDatabase } from './database.ts';

/* Runs before each test file: the product reads its settings once, when it is first imported. */
process.env.NODE_ENV = 'test';
process.env.LOG_LEVEL ??= 'silent';
process.env.DATABASE_URL = await createTestDatabase();
/* Nobody answers there: a test that wants a sandbox starts its own, and none talks to a demo that happens to run. */
process.env.SANDBOX_URL = 'http://127.0.0.1:2';
/* Where the broker of `npm run test:kafka` is there, each file has topics and groups of its own. */
process.env.KAFKA_PREFIX = new URL(process.env.DATABASE_URL).pathname.slice(1);
/* Tests wait for workers, beside other tests. */
process.env.WORKER_NICENESS ??= '0';
