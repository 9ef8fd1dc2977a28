/** One kind of component that the Metadata API knows. */
export interface MetadataType {
  name: string;
  /** Folder of the zip; for bundles each component is a folder in it. */
  directory: string;
  /** End of the file's name; bundles have none. */
  suffix: string | undefined;
  /** A file of another format with a `-meta.xml` beside it. */
  hasMetaFile: boolean;
  inFolder: boolean;
  children: string[];
}

const type = (
  name: string,
  directory: string,
  suffix?: string,
  more: Partial<MetadataType> = {},
): MetadataType => ({
  name,
  directory,
  suffix,
  hasMetaFile: false,
  inFolder: false,
  children: [],
  ...more,
});

const withMeta = { hasMetaFile: true };

/** What describeMetadata tells. Applied are CustomObject, CustomField and PermissionSet; the others are kept and given back. */
export const metadataTypes: MetadataType[] = [
  type('CustomObject', 'objects', 'object', {
    children: ['CustomField', 'ValidationRule', 'ListView', 'RecordType', 'FieldSet', 'CompactLayout', 'WebLink', 'BusinessProcess', 'SharingReason', 'Index'],
  }),
  type('PermissionSet', 'permissionsets', 'permissionset'),
  type('PermissionSetGroup', 'permissionsetgroups', 'permissionsetgroup'),
  type('Profile', 'profiles', 'profile'),
  type('Layout', 'layouts', 'layout'),
  type('CustomTab', 'tabs', 'tab'),
  type('CustomApplication', 'applications', 'app'),
  type('CustomLabels', 'labels', 'labels', { children: ['CustomLabel'] }),
  type('CustomMetadata', 'customMetadata', 'md'),
  type('CustomPermission', 'customPermissions', 'customPermission'),
  type('GlobalValueSet', 'globalValueSets', 'globalValueSet'),
  type('FlexiPage', 'flexipages', 'flexipage'),
  type('Flow', 'flows', 'flow'),
  type('QuickAction', 'quickActions', 'quickAction'),
  type('ReportType', 'reportTypes', 'reportType'),
  type('Report', 'reports', 'report', { inFolder: true }),
  type('Dashboard', 'dashboards', 'dashboard', { inFolder: true }),
  type('Queue', 'queues', 'queue'),
  type('Role', 'roles', 'role'),
  type('Group', 'groups', 'group'),
  type('StandardValueSet', 'standardValueSets', 'standardValueSet'),
  type('Settings', 'settings', 'settings'),
  type('RemoteSiteSetting', 'remoteSiteSettings', 'remoteSite'),
  type('CspTrustedSite', 'cspTrustedSites', 'cspTrustedSite'),
  type('NamedCredential', 'namedCredentials', 'namedCredential'),
  type('ConnectedApp', 'connectedApps', 'connectedApp'),
  type('ExternalClientApplication', 'externalClientApps', 'eca'),
  type('PlatformEventChannel', 'platformEventChannels', 'platformEventChannel'),
  type('PlatformEventChannelMember', 'platformEventChannelMembers', 'platformEventChannelMember'),
  type('Workflow', 'workflows', 'workflow'),
  type('DuplicateRule', 'duplicateRules', 'duplicateRule'),
  type('MatchingRules', 'matchingRules', 'matchingRule'),
  type('SharingRules', 'sharingRules', 'sharingRules'),
  type('Translations', 'translations', 'translation'),
  type('ApexClass', 'classes', 'cls', withMeta),
  type('ApexTrigger', 'triggers', 'trigger', withMeta),
  type('ApexPage', 'pages', 'page', withMeta),
  type('StaticResource', 'staticresources', 'resource', withMeta),
  type('LightningComponentBundle', 'lwc'),
  type('AuraDefinitionBundle', 'aura'),
]; // prettier-ignore

/** The type of that name; undefined for one unknown. */
export const maybeType = (name: string): MetadataType | undefined =>
  metadataTypes.find((each) => each.name === name);

/** Whether a name is that of a type or of a child of one. */
export const isTypeName = (name: string): boolean =>
  metadataTypes.some((each) => each.name === name || each.children.includes(name));
