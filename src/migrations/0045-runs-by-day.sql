-- The runs of a campaign by when they began: a track that people trickle into has a run a minute and step.
create index concurrently if not exists runs_campaign on runs (campaign_id, triggered_at desc);
