-- The records of campaigns in Salesforce: a member can only be written once its campaign is there.
create table told_campaigns (
  campaign_id uuid primary key,
  salesforce_id text not null
);
