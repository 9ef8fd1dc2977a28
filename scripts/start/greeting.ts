import type { Config } from '../../src/platform/config.ts';

/** What a person wants to know once everything is up: where to go, who can sign in, what is not real. */
export function greeting(config: Config, { only }: { only: string | undefined }): string {
  const lines = ['', `  Rapport for ${config.BRAND_NAME} is ready.`, ''];
  if (only !== 'sandbox') lines.push(row('Portal and console', config.publicUrl));
  if (config.isSandbox) lines.push(row('Salesforce (sandbox)', config.SANDBOX_URL));
  if (config.SENDGRID_API_KEY === undefined)
    lines.push(row('Mailbox (sandbox)', `${config.SANDBOX_URL}/mailbox`));
  if (config.SUNSHINE_KEY_ID === undefined && config.NODE_ENV !== 'production')
    lines.push(row('Chat (sandbox)', `${config.SANDBOX_URL}/chat`));
  if (config.isSandbox) lines.push('', ...demoSignIns(config.publicUrl));
  return `${[...lines, '', '  Logs are in .data/logs. Ctrl+C stops everything; the data stays.', ''].join('\n')}\n`;
}

const row = (what: string, where: string) => `  ${what.padEnd(22)} ${where}`;

function demoSignIns(publicUrl: string): string[] {
  const people = ['customer', 'distributor', 'reseller', 'support', 'csm', 'rep', 'admin'];
  return [
    `  Sign in at ${publicUrl}/sign-in with the password rapport-demo as`,
    `  ${people.map((name) => `${name}@`).join(', ')} rapport.example`,
    '',
    '  Salesforce and mail are simulated here: nothing leaves this machine.',
  ];
}
