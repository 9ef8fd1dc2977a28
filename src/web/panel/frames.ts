import { config } from '../../platform/config.ts';

/** Names of this machine: the sandbox is opened under either. */
const local = ['localhost', '127.0.0.1'];

/**
 * The origins whose pages may show the panel: the org's own, in Lightning, in Visualforce and by its My Domain. Where the log-in
 * address is no My Domain, any of Salesforce's.
 */
export function framesOf(loginUrl: string): string[] {
  const { protocol, hostname, port, origin } = new URL(loginUrl);
  if (local.includes(hostname)) return local.map((name) => `${protocol}//${name}${port && `:${port}`}`);
  const [, org, kind = ''] = /^([^.]+)((?:\.(?:sandbox|develop|scratch|demo|patch|trailblaze|free))?)\.my\.salesforce\.com$/.exec(hostname) ?? []; // prettier-ignore
  if (org === undefined) return ['https://*.my.salesforce.com', 'https://*.lightning.force.com'];
  return [
    origin,
    `https://${org}${kind}.lightning.force.com`,
    `https://${org}--c${kind}.vf.force.com`,
    `https://${org}--c${kind}.visualforce.com`,
  ];
}

export const panelFrames = framesOf(config.SALESFORCE_LOGIN_URL ?? config.SANDBOX_URL);
