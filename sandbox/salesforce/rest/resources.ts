import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { bulkUse } from '../bulk/jobs.ts';
import { ok } from './dispatch.ts';
import type { RestAnswer, RestRequest } from './dispatch.ts';

const names = [
  'metadata', 'eclair', 'jsonxform', 'query', 'queryAll', 'search', 'limits', 'sobjects', 'composite', 'parameterizedSearch',
  'tooling', 'jobs', 'recent',
]; // prettier-ignore

/** GET /services/data/v60.0 */
export function getResources(ctx: Context): RestAnswer {
  const base = `/services/data/v${ctx.apiVersion.toFixed(1)}`;
  const resources = Object.fromEntries(names.map((name) => [name, `${base}/${name}`]));
  const identity = `${ctx.origin}/id/${ctx.org.id}/${ctx.user.id}`;
  return ok({ ...resources, identity, serviceTemplates: `${base}/apps` });
}

/** GET /limits: what the product and administrators look at; the daily requests are counted for real. */
export async function getLimits({ org, db }: Context): Promise<RestAnswer> {
  const { dailyMax, dailyUsed } = org.limits;
  const { queries, batches } = await bulkUse(db, org.clock.now());
  const used = (Max: number, count: number) => ({ Max, Remaining: Math.max(0, Max - count) });
  const unused = (Max: number) => ({ Max, Remaining: Max });
  return ok({
    ActiveScratchOrgs: unused(3),
    ConcurrentAsyncGetReportInstances: unused(200),
    DailyApiRequests: { Max: dailyMax, Remaining: Math.max(0, dailyMax - dailyUsed) },
    DailyAsyncApexExecutions: unused(250_000),
    DailyBulkApiBatches: used(15_000, batches),
    DailyBulkV2QueryFileStorageMB: unused(976_562),
    DailyBulkV2QueryJobs: used(10_000, queries),
    DailyGenericStreamingApiEvents: unused(10_000),
    DailyStandardVolumePlatformEvents: unused(10_000),
    DailyStreamingApiEvents: used(10_000, org.events.deliveredToday()),
    DataStorageMB: unused(1_024_000),
    FileStorageMB: unused(1_024_000),
    HourlyODataCallout: unused(1000),
    HourlyPublishedPlatformEvents: unused(50_000),
    MassEmail: unused(5000),
    PermissionSets: { Max: 1500, Remaining: 1490, CreateCustom: { Max: 1000, Remaining: 990 } },
    SingleEmail: unused(5000),
    StreamingApiConcurrentClients: unused(1000),
  });
}

/** GET /limits/recordCount?sObjects=Account,Contact: live records; approximate in Salesforce, exact here. */
export async function getRecordCount(ctx: Context, request: RestRequest): Promise<RestAnswer> {
  const asked = request.query
    .get('sObjects')
    ?.split(',')
    .map((name) => ctx.org.catalog.find(name.trim()));
  const sobjects = (asked ?? ctx.org.catalog.objects()).filter((sobject) => sobject !== undefined);
  const counts: { count: number; name: string }[] = [];
  for (const sobject of sobjects) {
    const live = sobject.field('IsDeleted') ? 'where not "IsDeleted"' : '';
    const { rows } = await ctx.db.query(`select count(*) from ${quote(sobject.name)} ${live}`);
    counts.push({ count: (rows as { count: number }[])[0]?.count ?? 0, name: sobject.name });
  }
  return ok({ sObjects: counts });
}
