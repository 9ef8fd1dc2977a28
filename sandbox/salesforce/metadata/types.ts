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
  /** Parts of its file that are components of their own: type by element. */
  children: Record<string, string>;
}

/**
 * What describeMetadata tells: name, folder and suffix (`-` for bundles), then `folder` for what lies in folders, `meta` for files
 * of another format, and children as `element:Type`. `kinds.ts` says which of them have an effect; the others are kept and given back.
 */
const table = `
ActionLinkGroupTemplate actionLinkGroupTemplates actionLinkGroupTemplate
AnalyticSnapshot analyticSnapshots snapshot
AnimationRule animationRules animationRule
ApexClass classes cls meta
ApexComponent components component meta
ApexEmailNotifications apexEmailNotifications notifications
ApexPage pages page meta
ApexTestSuite testSuites testSuite
ApexTrigger triggers trigger meta
AppMenu appMenus appMenu
AppointmentSchedulingPolicy appointmentSchedulingPolicies policy
ApprovalProcess approvalProcesses approvalProcess
AssignmentRules assignmentRules assignmentRules assignmentRule:AssignmentRule
AssistantContextItem assistantContextItems assistantContextItem
Audience audience audience
AuraDefinitionBundle aura -
AuthProvider authproviders authprovider
AutoResponseRules autoResponseRules autoResponseRules autoResponseRule:AutoResponseRule
BlacklistedConsumer blacklistedConsumers blacklistedConsumer
Bot bots bot
BrandingSet brandingSets brandingSet
CallCenter callCenters callCenter
CanvasMetadata Canvases Canvas
Certificate certs crt meta
ChatterExtension ChatterExtensions ChatterExtension
CleanDataService cleanDataServices cleanDataService
Community communities community
CommunityTemplateDefinition communityTemplateDefinitions communityTemplateDefinition
CommunityThemeDefinition communityThemeDefinitions communityThemeDefinition
ConnectedApp connectedApps connectedApp
ContentAsset contentassets asset meta
ConversationMessageDefinition conversationMessageDefinitions conversationMessageDefinition
CorsWhitelistOrigin corsWhitelistOrigins corsWhitelistOrigin
CspTrustedSite cspTrustedSites cspTrustedSite
CustomApplication applications app
CustomApplicationComponent customApplicationComponents customApplicationComponent
CustomFeedFilter feedFilters feedFilter
CustomHelpMenuSection customHelpMenuSections customHelpMenuSection
CustomIndex customindex indx
CustomLabels labels labels labels:CustomLabel
CustomMetadata customMetadata md
CustomNotificationType notificationtypes notiftype
CustomObject objects object fields:CustomField validationRules:ValidationRule listViews:ListView recordTypes:RecordType fieldSets:FieldSet compactLayouts:CompactLayout webLinks:WebLink businessProcesses:BusinessProcess sharingReasons:SharingReason indexes:Index
CustomObjectTranslation objectTranslations objectTranslation
CustomPageWebLink weblinks weblink
CustomPermission customPermissions customPermission
CustomSite sites site
CustomTab tabs tab
Dashboard dashboards dashboard folder
DataCategoryGroup datacategorygroups datacategorygroup
DataPackageKitDefinition dataPackageKitDefinitions dataPackageKitDefinition
DelegateGroup delegateGroups delegateGroup
Document documents document folder meta
DuplicateRule duplicateRules duplicateRule
EmailServicesFunction emailservices xml
EmailTemplate email email folder meta
EmbeddedServiceBranding EmbeddedServiceBranding EmbeddedServiceBranding
EmbeddedServiceConfig EmbeddedServiceConfig EmbeddedServiceConfig
EmbeddedServiceMenuSettings EmbeddedServiceMenuSettings EmbeddedServiceMenuSettings
EntitlementProcess entitlementProcesses entitlementProcess
EntitlementTemplate entitlementTemplates entitlementTemplate
EscalationRules escalationRules escalationRules escalationRule:EscalationRule
EventRelayConfig eventRelays eventRelay
ExperienceBundle experiences -
ExternalAuthIdentityProvider externalAuthIdentityProviders externalAuthIdentityProvider
ExternalClientApplication externalClientApps eca
ExternalCredential externalCredentials externalCredential
ExternalDataSource dataSources dataSource
ExternalServiceRegistration externalServiceRegistrations externalServiceRegistration
ExtlClntAppCanvasSettings extlClntAppCanvasSettings ecaCanvas
ExtlClntAppConfigurablePolicies extlClntAppPolicies ecaPlcy
ExtlClntAppGlobalOauthSettings extlClntAppGlobalOauthSets ecaGlblOauth
ExtlClntAppMobileConfigurablePolicies extlClntAppMobilePolicies ecaMobilePlcy
ExtlClntAppMobileSettings extlClntAppMobileSettings ecaMobile
ExtlClntAppNotificationSettings extlClntAppNotifSettings ecaNotifications
ExtlClntAppOauthConfigurablePolicies extlClntAppOauthPolicies ecaOauthPlcy
ExtlClntAppOauthSecuritySettings extlClntAppOauthSecuritySettings ecaOauthSecurity
ExtlClntAppOauthSettings extlClntAppOauthSettings ecaOauth
ExtlClntAppPushConfigurablePolicies extlClntAppPushPolicies ecaPushPlcy
ExtlClntAppPushSettings extlClntAppPushSettings ecaPush
ExtlClntAppSamlConfigurablePolicies extlClntAppSamlConfigurablePolicies ecaSamlPlcy
ExtlClntAppSampleConfigurablePolicies extlClntAppSamplePolicies ecaSmplPlcy
ExtlClntAppSampleSettings extlClntAppSampleSettings ecaSmpl
FlexiPage flexipages flexipage
Flow flows flow
FlowCategory flowCategories flowCategory
FlowDefinition flowDefinitions flowDefinition
FlowTest flowtests flowtest
GatewayProviderPaymentMethodType gatewayProviderPaymentMethodTypes gatewayProviderPaymentMethodType
GlobalValueSet globalValueSets globalValueSet
GlobalValueSetTranslation globalValueSetTranslations globalValueSetTranslation
Group groups group
HomePageComponent homePageComponents homePageComponent
HomePageLayout homePageLayouts homePageLayout
IframeWhiteListUrlSettings iframeWhiteListUrlSettings iframeWhiteListUrlSettings
InstalledPackage installedPackages installedPackage
KeywordList moderation keywords
Layout layouts layout
LeadConvertSettings LeadConvertSettings LeadConvertSetting
Letterhead letterhead letter
LightningBolt lightningBolts lightningBolt
LightningComponentBundle lwc -
LightningExperienceTheme lightningExperienceThemes lightningExperienceTheme
LightningMessageChannel messageChannels messageChannel
LightningOnboardingConfig lightningOnboardingConfigs lightningOnboardingConfig
LiveChatAgentConfig liveChatAgentConfigs liveChatAgentConfig
LiveChatButton liveChatButtons liveChatButton
LiveChatDeployment liveChatDeployments liveChatDeployment
MLDataDefinition mlDataDefinitions mlDataDefinition
MLPredictionDefinition mlPredictions mlPrediction
ManagedContentType managedContentTypes managedContentType
ManagedTopics managedTopics managedTopics
MatchingRules matchingRules matchingRule matchingRules:MatchingRule
MilestoneType milestoneTypes milestoneType
MobileApplicationDetail MobileApplicationDetails MobileApplicationDetail
ModerationRule moderation rule
MutingPermissionSet mutingpermissionsets mutingpermissionset
MyDomainDiscoverableLogin myDomainDiscoverableLogins myDomainDiscoverableLogin
NamedCredential namedCredentials namedCredential
NavigationMenu navigationMenus navigationMenu
Network networks network
NetworkBranding networkBranding networkBranding meta
NotificationTypeConfig notificationTypeConfig config
OauthCustomScope oauthcustomscopes oauthcustomscope
OauthTokenExchangeHandler oauthtokenexchangehandlers oauthtokenexchangehandler
PathAssistant pathAssistants pathAssistant
PaymentGatewayProvider paymentGatewayProviders paymentGatewayProvider
PermissionSet permissionsets permissionset
PermissionSetGroup permissionsetgroups permissionsetgroup
PlatformCachePartition cachePartitions cachePartition
PlatformEventChannel platformEventChannels platformEventChannel
PlatformEventChannelMember platformEventChannelMembers platformEventChannelMember
PlatformEventSubscriberConfig PlatformEventSubscriberConfigs platformEventSubscriberConfig
PostTemplate postTemplates postTemplate
PresenceDeclineReason presenceDeclineReasons presenceDeclineReason
PresenceUserConfig presenceUserConfigs presenceUserConfig
Profile profiles profile
ProfilePasswordPolicy profilePasswordPolicies profilePasswordPolicy
ProfileSessionSetting profileSessionSettings profileSessionSetting
Prompt prompts prompt
Queue queues queue
QueueRoutingConfig queueRoutingConfigs queueRoutingConfig
QuickAction quickActions quickAction
RecommendationStrategy recommendationStrategies recommendationStrategy
RecordActionDeployment recordActionDeployments deployment
RedirectWhitelistUrl redirectWhitelistUrls redirectWhitelistUrl
RemoteSiteSetting remoteSiteSettings remoteSite
Report reports report folder
ReportType reportTypes reportType
RestrictionRule restrictionRules rule
Role roles role
SamlSsoConfig samlssoconfigs samlssoconfig
Scontrol scontrols scf meta
ServiceChannel serviceChannels serviceChannel
ServicePresenceStatus servicePresenceStatuses servicePresenceStatus
Settings settings settings
SharingRules sharingRules sharingRules sharingCriteriaRules:SharingCriteriaRule sharingGuestRules:SharingGuestRule sharingOwnerRules:SharingOwnerRule sharingTerritoryRules:SharingTerritoryRule
SharingSet sharingSets sharingSet
SiteDotCom siteDotComSites site meta
Skill skills skill
StandardValueSet standardValueSets standardValueSet
StandardValueSetTranslation standardValueSetTranslations standardValueSetTranslation
StaticResource staticresources resource meta
SynonymDictionary synonymDictionaries synonymDictionary
Territory territories territory
Territory2 territories territory2
Territory2Model territory2Models territory2Model
Territory2Rule rules territory2Rule
Territory2Type territory2Types territory2Type
TimeSheetTemplate timeSheetTemplates timeSheetTemplate
TopicsForObjects topicsForObjects topicsForObjects
TransactionSecurityPolicy transactionSecurityPolicies transactionSecurityPolicy
Translations translations translation
UserCriteria userCriteria userCriteria
UserProvisioningConfig userProvisioningConfigs userProvisioningConfig
WaveTemplateBundle waveTemplates -
WorkSkillRouting workSkillRoutings workSkillRouting
Workflow workflows workflow alerts:WorkflowAlert fieldUpdates:WorkflowFieldUpdate knowledgePublishes:WorkflowKnowledgePublish outboundMessages:WorkflowOutboundMessage rules:WorkflowRule tasks:WorkflowTask
`;

export const metadataTypes: MetadataType[] = table.trim().split('\n').map(typeIn);

function typeIn(row: string): MetadataType {
  const [name = '', directory = '', suffix = '', ...traits] = row.split(' ');
  const children = traits.filter((each) => each.includes(':')).map((each) => each.split(':'));
  return {
    name,
    directory,
    suffix: suffix === '-' ? undefined : suffix,
    hasMetaFile: traits.includes('meta'),
    inFolder: traits.includes('folder'),
    children: Object.fromEntries(children) as Record<string, string>,
  };
}

const childTypes = new Set(metadataTypes.flatMap(({ children }) => Object.values(children)));

/** The type of that name; undefined for one unknown. */
export const maybeType = (name: string): MetadataType | undefined =>
  metadataTypes.find((each) => each.name === name);

/** Whether a name is that of a type or of a child of one. */
export const isTypeName = (name: string): boolean => childTypes.has(name) || maybeType(name) !== undefined;
