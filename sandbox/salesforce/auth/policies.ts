import { asText } from '../soap/envelope.ts';

/** What an External Client App may do, as its settings and the org's policies for it say. */
export interface Policies {
  isEnabled: boolean;
  isPkceRequired: boolean;
  /** The web-server flow needs no secret (its PKCE verifier is proof enough). */
  isSecretOptional: boolean;
  isSecretNeededToRefresh: boolean;
  isRotating: boolean;
  hasClientCredentials: boolean;
  /** As clients name them: `api`, `refresh_token`. */
  scopes: string[];
  /** Names of permission sets and profiles whose holders alone are let in; null: everybody who agrees. */
  admitted: { permissionSets: string[]; profiles: string[] } | null;
  /** How long a refresh token stays good; null for ever, 0 not at all. */
  refreshSeconds: number | null;
  /** The time counts from the token's last use. */
  refreshFromUse: boolean;
}

type Metadata = Record<string, unknown> | undefined;

/** The four files of an app as one. */
export function policiesOf({
  global,
  settings,
  oauthPolicies,
  general,
}: Record<'global' | 'settings' | 'oauthPolicies' | 'general', Metadata>): Policies {
  return {
    isEnabled: !isOff(general, 'isEnabled') && !isOff(general, 'isOauthPluginEnabled'),
    isPkceRequired: isOn(global, 'isPkceRequired'),
    isSecretOptional: isOn(global, 'isConsumerSecretOptional'),
    isSecretNeededToRefresh: isOn(global, 'isSecretRequiredForRefreshToken'),
    isRotating: isOn(global, 'isRefreshTokenRotationEnabled'),
    hasClientCredentials:
      !isOff(global, 'isClientCredentialsFlowEnabled') &&
      isOn(oauthPolicies, 'isClientCredentialsFlowEnabled'),
    scopes: listOf(settings?.commaSeparatedOauthScopes).flatMap((each) => scopeOf(each) ?? []),
    admitted: admittedBy(oauthPolicies),
    refreshSeconds: refreshSeconds(oauthPolicies),
    refreshFromUse: asText(oauthPolicies?.refreshTokenPolicyType) === 'SpecificInactivity',
  };
}

const isOn = (metadata: Metadata, name: string): boolean => asText(metadata?.[name]) === 'true';
const isOff = (metadata: Metadata, name: string): boolean => asText(metadata?.[name]) === 'false';

function admittedBy(oauthPolicies: Metadata): Policies['admitted'] {
  if (asText(oauthPolicies?.permittedUsersPolicyType) !== 'AdminApprovedPreAuthorized') return null;
  return {
    permissionSets: listOf(oauthPolicies?.commaSeparatedPermissionSet),
    profiles: listOf(oauthPolicies?.commaSeparatedProfile),
  };
}

function refreshSeconds(oauthPolicies: Metadata): number | null {
  const kind = asText(oauthPolicies?.refreshTokenPolicyType) ?? 'Infinite';
  if (kind === 'Infinite') return null;
  if (kind === 'Zero') return 0;
  const unit = { Hours: 3600, Days: 86_400, Months: 30 * 86_400 }[
    asText(oauthPolicies?.refreshTokenValidityUnit) ?? 'Days'
  ];
  return Number(asText(oauthPolicies?.refreshTokenValidityPeriod) ?? 0) * (unit ?? 86_400);
}

const listOf = (value: unknown): string[] =>
  (asText(value) ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

/** Scopes by the name that metadata gives them. */
const scopes: Record<string, string> = {
  Address: 'address', Api: 'api', Basic: 'id', CDP: 'cdp_api', CDPIngest: 'cdp_ingest_api', CDPProfile: 'cdp_profile_api',
  CDPQuery: 'cdp_query_api', Chatbot: 'chatbot_api', Chatter: 'chatter_api', Content: 'content', CustomApplications: 'visualforce',
  CustomPermissions: 'custom_permissions', Eclair: 'eclair_api', EinsteinGPT: 'einstein_gpt_api', Email: 'email',
  ForgotPassword: 'forgot_password', Full: 'full', Interaction: 'interaction_api', Lightning: 'lightning', MCP: 'mcp_api',
  OfflineAccess: 'offline_access', OpenID: 'openid', Pardot: 'pardot_api', Phone: 'phone', Profile: 'profile',
  PwdlessLogin: 'pwdless_login_api', RefreshToken: 'refresh_token', SCRT: 'scrt_api', SFApiPlatform: 'sfap_api',
  UserRegistration: 'user_registration_api', Wave: 'wave_api', Web: 'web',
}; // prettier-ignore

/** A scope as clients name it; undefined for what metadata does not know. */
export const scopeOf = (name: string): string | undefined =>
  Object.hasOwn(scopes, name) ? scopes[name] : undefined;
