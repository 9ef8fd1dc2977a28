import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

import { db, sql } from './db.ts';

/** What `/metrics` shows, in Prometheus' format. */
export const registry = new Registry();
collectDefaultMetrics({ register: registry });

export const requestSeconds = new Histogram({
  name: 'rapport_http_request_seconds',
  help: 'Time to answer a request, by route pattern',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  registers: [registry],
});

export const jobSeconds = new Histogram({
  name: 'rapport_job_seconds',
  help: 'Time that a job or a reaction took, by name and outcome',
  labelNames: ['job', 'outcome'],
  buckets: [0.01, 0.05, 0.25, 1, 5, 30, 120],
  registers: [registry],
});

new Gauge({
  name: 'rapport_jobs',
  help: 'Jobs by state: waiting (due or not), running, dead',
  labelNames: ['state'],
  registers: [registry],
  /** Counted when somebody asks. */
  async collect() {
    const { rows } = await sql<{ state: string; jobs: number }>`
      select case when attempts >= max_attempts then 'dead' when locked_at is null then 'waiting' else 'running' end as state,
             count(*) as jobs
      from graphile_worker._private_jobs group by 1`.execute(db);
    this.reset();
    for (const { state, jobs } of rows) this.set({ state }, jobs);
  },
});

new Gauge({
  name: 'rapport_carried_reactions',
  help: 'Reactions that Kafka carries by state: unsent (events), sent, running, waiting, dead',
  labelNames: ['state'],
  registers: [registry],
  async collect() {
    const { rows } = await sql<{ state: string; reactions: number }>`
      select 'unsent' as state, count(*) as reactions from event_relay where reactions is null
      union all
      select state, count(*) from event_inbox where state in ('sent', 'running', 'waiting', 'dead') group by 1`.execute(
      db,
    );
    this.reset();
    for (const { state, reactions } of rows) this.set({ state }, reactions);
  },
});
