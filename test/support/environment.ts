import { createTestDatabase } from './database.ts';

/* Runs before each test file: the product reads its settings once, when it is first imported. */
process.env.NODE_ENV = 'test';
process.env.LOG_LEVEL ??= 'silent';
process.env.DATABASE_URL = await createTestDatabase();
/* Nobody answers there: a test that wants a sandbox starts its own, and none talks to a demo that happens to run. */
process.env.SANDBOX_URL = 'http://127.0.0.1:2';
