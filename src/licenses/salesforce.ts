import { date, flag, integer, mirrored, moment, text } from '../platform/salesforce/mapping.ts';

/** What the mirror holds of products and licenses, under Salesforce's names. */
export const licenseObjects = [
  mirrored('Product2', 'products', {
    columns: {
      name: text('Name', { otherwise: '' }),
      code: text('ProductCode'),
      family: text('Family'),
      kind: text('Rapport_Kind__c'),
      edition: text('Rapport_Edition__c'),
      version: text('Rapport_Version__c'),
      description: text('Description'),
      is_active: flag('IsActive', { otherwise: true }),
      created_at: moment('CreatedDate'),
    },
  }),
  mirrored('Rapport_License__c', 'licenses', {
    columns: {
      rapport_id: text('Rapport_Id__c'),
      name: text('Name', { otherwise: '' }),
      account_id: text('Rapport_Account__c'),
      product_id: text('Rapport_Product__c'),
      opportunity_id: text('Rapport_Opportunity__c'),
      edition: text('Rapport_Edition__c'),
      version: text('Rapport_Version__c'),
      code: text('Rapport_Code__c'),
      kind: text('Rapport_Kind__c'),
      seats: integer('Rapport_Seats__c'),
      status: text('Rapport_Status__c'),
      is_trial: flag('Rapport_Trial__c'),
      purchased_on: date('Rapport_Purchased_On__c'),
      support_until: date('Rapport_Support_Until__c'),
      created_at: moment('CreatedDate'),
    },
  }),
];
