import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const text = z.string().trim().min(1);
const key = text.min(32, 'needs at least 32 characters');
const brokers = z
  .string()
  .transform((list) => list.split(',').map((broker) => broker.trim()))
  .refine((list) => list.every((broker) => /^(\[[\da-f:]+\]|[\w.-]+):\d{1,5}$/i.test(broker)), 'needs addresses such as kafka-1:9092,kafka-2:9092'); // prettier-ignore
const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'needs a colour such as #1f5fbf');

/** Every setting that Rapport reads; `.env.example` says what each is for. */
const Settings = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug']).default('info'),
  PORT: port.default(3000),
  PUBLIC_URL: z.url().optional(),
  TRUSTED_PROXIES: z.coerce.number().int().min(0).default(0),
  METRICS_TOKEN: text.optional(),

  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  DATABASE_POOL: z.coerce.number().int().min(6).default(15),
  DATABASE_SSL: z.enum(['off', 'require', 'verify']).default('off'),
  SESSION_SECRET: key.default('a-secret-for-development-only-000'),
  ENCRYPTION_KEY: key.default('a-key-for-development-only-000000'),

  SANDBOX_URL: z.url().default('http://127.0.0.1:3001'),
  SALESFORCE_LOGIN_URL: z.url().optional(),
  SALESFORCE_CLIENT_ID: text.optional(),
  SALESFORCE_CLIENT_SECRET: text.optional(),
  SALESFORCE_PRIVATE_KEY: text.optional(),
  SALESFORCE_USERNAME: text.optional(),
  SALESFORCE_REFRESH_TOKEN: text.optional(),
  SALESFORCE_API_VERSION: z
    .string()
    .regex(/^\d\d\.0$/)
    .default('62.0'),

  SENDGRID_API_KEY: text.optional(),
  SENDGRID_BASE_URL: z.url().optional(),
  SENDGRID_WEBHOOK_PUBLIC_KEY: text.optional(),
  /** Seconds that a webhook's timestamp may differ from our time. */
  SENDGRID_WEBHOOK_TOLERANCE: z.coerce.number().int().min(1).default(600),
  SUNSHINE_APP_ID: text.optional(),
  SUNSHINE_KEY_ID: text.optional(),
  SUNSHINE_SECRET: text.optional(),
  SUNSHINE_BASE_URL: z.url().optional(),
  SUNSHINE_WEBHOOK_SECRET: text.optional(),
  /** Requests to Sunshine that a process has under way at the same time. */
  SUNSHINE_IN_FLIGHT: z.coerce.number().int().min(1).max(4_096).default(128),
  CAMPAIGN_LEASE_SECONDS: z.coerce.number().min(1).max(600).default(60),
  CAMPAIGN_GRACE_SECONDS: z.coerce.number().min(1).default(300),
  /** How far a worker stands back for other processes of its machine, as `nice` has it. */
  WORKER_NICENESS: z.coerce.number().int().min(0).max(19).default(10),
  /** Host and port of each broker, with commas between them. Unset: PostgreSQL carries events. */
  KAFKA_BROKERS: brokers.optional(),
  /** The beginning of the names of topics and consumer groups. */
  KAFKA_PREFIX: z
    .string()
    .regex(/^[\w.-]{1,200}$/, 'needs letters, digits, dots, dashes and underscores')
    .default('rapport'),
  KAFKA_PARTITIONS: z.coerce.number().int().min(1).max(1_000).default(12),
  KAFKA_SSL: z.enum(['off', 'require', 'verify']).default('off'),
  KAFKA_USERNAME: text.optional(),
  KAFKA_PASSWORD: text.optional(),
  KAFKA_MECHANISM: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']).default('SCRAM-SHA-512'),
  /** How long a worker may be silent before the broker gives its share to others. */
  KAFKA_SESSION_SECONDS: z.coerce.number().min(1).max(300).default(15),
  /** Where this process dies; src/platform/faults.ts. */
  FAULT: text.optional(),
  MAIL_FROM: z.email().default('support@rapport.example'),

  BRAND_NAME: text.default('Tidewater Software'),
  BRAND_LOGO_URL: text.default('/images/logo.svg'),
  BRAND_COLOR: colour.default('#0b6e8f'),
  BRAND_SUPPORT_EMAIL: z.email().default('support@rapport.example'),
});

const neededInProduction = [
  'PUBLIC_URL', 'SESSION_SECRET', 'ENCRYPTION_KEY', 'MAIL_FROM', 'SALESFORCE_LOGIN_URL', 'SALESFORCE_CLIENT_ID',
  'SENDGRID_API_KEY', 'BRAND_NAME', 'BRAND_SUPPORT_EMAIL',
] as const; // prettier-ignore

type Environment = Record<string, string | undefined>;

/** The settings, with what follows from them. `isSandbox`: Salesforce is unset, the local stand-in plays it. */
export type Config = Readonly<z.infer<typeof Settings>> & {
  readonly isSandbox: boolean;
  readonly publicUrl: string;
  /** How connections to the database are encrypted; not at all for `off`. */
  readonly databaseTls: false | { readonly rejectUnauthorized: boolean };
};

/** @throws Error that names every wrong or missing setting at once. */
export function parseConfig(environment: Environment): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Settings.safeParse(given);
  const wrong = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${wording(issue, given)}`);
  wrong.push(...missing(given));
  if (!parsed.success || wrong.length > 0)
    throw new Error(`These settings need attention:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  const settings = parsed.data;
  return Object.freeze({
    ...settings,
    isSandbox: settings.SALESFORCE_LOGIN_URL === undefined,
    databaseTls: settings.DATABASE_SSL !== 'off' && {
      rejectUnauthorized: settings.DATABASE_SSL === 'verify',
    },
    publicUrl: (settings.PUBLIC_URL ?? `http://localhost:${String(settings.PORT)}`).replace(/\/$/, ''),
  });
}

function wording(issue: z.core.$ZodIssue, given: Environment): string {
  return given[String(issue.path[0])] === undefined ? 'is missing' : issue.message;
}

function missing(given: Environment): string[] {
  const misplaced = given.NODE_ENV !== 'test' && given.FAULT !== undefined;
  return [
    ...(given.NODE_ENV === 'production' ? missingInProduction(given) : []),
    ...(misplaced ? ['FAULT: is for tests alone'] : []),
    ...missingOfServices(given),
  ];
}

function missingInProduction(given: Environment): string[] {
  const lines = neededInProduction
    .filter((name) => given[name] === undefined)
    .map((name) => `${name}: is missing (production has no default)`);
  if (/^http:\/\/(?!localhost\b|127\.0\.0\.1\b)/.test(given.PUBLIC_URL ?? ''))
    lines.push('PUBLIC_URL: needs https in production; sessions would cross the network in the clear');
  return lines;
}

function missingOfServices(given: Environment): string[] {
  const lines: string[] = [];
  const isMissing = (name: string) => given[name] === undefined;
  const sunshine = ['SUNSHINE_APP_ID', 'SUNSHINE_KEY_ID', 'SUNSHINE_SECRET'];
  if (!sunshine.every(isMissing) && sunshine.some(isMissing))
    lines.push(`${sunshine.filter(isMissing).join(', ')}: needed with the other settings of Sunshine`);
  if (isMissing('KAFKA_USERNAME') !== isMissing('KAFKA_PASSWORD'))
    lines.push('KAFKA_USERNAME, KAFKA_PASSWORD: one needs the other');
  if (
    !isMissing('SALESFORCE_LOGIN_URL') &&
    ['SALESFORCE_CLIENT_SECRET', 'SALESFORCE_PRIVATE_KEY', 'SALESFORCE_REFRESH_TOKEN'].every(isMissing)
  )
    lines.push(
      'SALESFORCE_CLIENT_SECRET or SALESFORCE_PRIVATE_KEY: one of them is needed with SALESFORCE_LOGIN_URL',
    );
  if (!isMissing('SALESFORCE_PRIVATE_KEY') && isMissing('SALESFORCE_USERNAME'))
    lines.push('SALESFORCE_USERNAME: is needed with SALESFORCE_PRIVATE_KEY');
  return lines;
}

/** The environment, read once. Nothing else in src/ reads process.env. */
export const config: Config = parseConfig(process.env);
