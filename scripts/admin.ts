import { makeAdmin } from '../src/identity/admin.ts';
import { config } from '../src/platform/config.ts';
import { pool } from '../src/platform/db.ts';

/* `npm run admin -- name@company.example`: the first administrator, before any permission set is assigned. */
const email = process.argv[2];
if (!email?.includes('@')) {
  process.stderr.write('Usage: npm run admin -- name@company.example\n');
  process.exit(1);
}
const { path } = await makeAdmin(email);
process.stdout.write(
  `${email} is an administrator of Rapport now.\n` +
    `Set a password within 15 minutes: ${config.publicUrl}${path}\n` +
    'Afterwards, give the permission set Rapport_Admin to those who are to administer Rapport.\n',
);
await pool.end();
