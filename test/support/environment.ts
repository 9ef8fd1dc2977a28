import { createTestDatabase } from './database.ts';

/* Runs before each test file: the product reads its settings once, when it is first imported. */
process.env.NODE_ENV = 'test';
process.env.LOG_LEVEL ??= 'silent';
process.env.DATABASE_URL = await createTestDatabase();
