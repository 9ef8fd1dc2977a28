import { transaction } from '../../database.ts';
import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';
import { createRecords } from '../records/save.ts';
import type { SObject } from '../schema/catalog.ts';
import { objectBody, objectsIn } from './dispatch.ts';
import type { Params, RestAnswer, RestRequest } from './dispatch.ts';
import { objectOf } from './named.ts';

interface Node {
  sobject: SObject;
  row: Record<string, unknown>;
  referenceId: string;
  children: { parentField: string; node: Node }[];
}

interface NodeError {
  referenceId?: string;
  errors: { statusCode: string; message: string; fields: string[] }[];
}

/** POST /composite/tree/Account: up to 200 records with their children, all or none. */
export async function postTree(ctx: Context, request: RestRequest, params: Params): Promise<RestAnswer> {
  const sobject = objectOf(ctx, params.sobject);
  const results: { referenceId: string; id: string }[] = [];
  try {
    const roots = objectsIn(objectBody(request), 'records').map((record) => readNode(ctx, sobject, record));
    checkTree(roots.flatMap((root) => nodesIn(root, 1)));
    await transaction(ctx.db, (tx) => saveLevel({ ...ctx, db: tx }, roots, results));
    return { status: 201, body: { hasErrors: false, results } };
  } catch (error) {
    if (!(error instanceof TreeFailure)) throw error;
    return { status: 400, body: { hasErrors: true, results: error.nodes } };
  }
}

interface Placed {
  node: Node;
  /** 1 for a record at the top. */
  level: number;
}

const nodesIn = (node: Node, level: number): Placed[] => [
  { node, level },
  ...node.children.flatMap((child) => nodesIn(child.node, level + 1)),
];

/** A tree holds up to 200 records of five objects in five levels. @throws TreeFailure */
function checkTree(all: Placed[]): void {
  const ids = all.map(({ node }) => node.referenceId);
  const repeated = ids.find((id, at) => ids.indexOf(id) !== at);
  if (repeated !== undefined) throw invalid('Duplicate ReferenceId provided in the request.', repeated);
  if (all.length > 200)
    throw invalid(`The request contains ${String(all.length)} records, more than the maximum of 200`);
  if (all.some(({ level }) => level > 5)) throw invalid('The tree is deeper than five levels');
  if (new Set(all.map(({ node }) => node.sobject)).size > 5)
    throw invalid('The tree holds records of more than five objects');
}

const invalid = (message: string, referenceId?: string) =>
  new TreeFailure([
    {
      ...(referenceId !== undefined && { referenceId }),
      errors: [{ statusCode: 'INVALID_INPUT', message, fields: [] }],
    },
  ]);

/** Thrown to roll the tree back. */
class TreeFailure extends Error {
  readonly nodes: NodeError[];

  constructor(nodes: NodeError[]) {
    super('a record of the tree could not be created');
    this.nodes = nodes;
  }
}

function readNode(ctx: Context, sobject: SObject, record: Record<string, unknown>): Node {
  const attributes = record.attributes as { referenceId?: unknown } | undefined;
  if (typeof attributes?.referenceId !== 'string')
    throw invalid('Include a reference ID for each record in the request.');
  const node: Node = { sobject, row: {}, referenceId: attributes.referenceId, children: [] };
  for (const [name, value] of Object.entries(record)) {
    const records = (value as { records?: unknown } | null)?.records;
    if (Array.isArray(records))
      node.children.push(...readChildren(ctx, { sobject, name, records: objectsIn({ records }, 'records') }));
    else node.row[name] = value;
  }
  return node;
}

function readChildren(
  ctx: Context,
  { sobject, name, records }: { sobject: SObject; name: string; records: Record<string, unknown>[] },
): Node['children'] {
  const relationship = ctx.org.catalog
    .children(sobject)
    .find(({ field }) => field.childRelationshipName?.toLowerCase() === name.toLowerCase());
  if (!relationship)
    throw new ApiError(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${sobject.name}`);
  return records.map((record) => ({
    parentField: relationship.field.name,
    node: readNode(ctx, relationship.sobject, record),
  }));
}

/** Saves the nodes of one depth, object by object, then their children. */
async function saveLevel(
  ctx: Context,
  nodes: Node[],
  results: { referenceId: string; id: string }[],
): Promise<void> {
  const next: Node[] = [];
  for (const [sobject, group] of Map.groupBy(nodes, (node) => node.sobject)) {
    const saved = await createRecords(
      ctx,
      sobject.name,
      group.map((node) => node.row),
    );
    const failures = group.flatMap(({ referenceId }, at) =>
      saved[at]?.success ? [] : [{ referenceId, errors: saved[at]?.errors ?? [] }],
    );
    if (failures.length > 0) throw new TreeFailure(failures);
    for (const [at, { referenceId, children }] of group.entries()) {
      const id = saved[at]?.id ?? '';
      results.push({ referenceId, id });
      for (const { parentField, node } of children)
        next.push({ ...node, row: { ...node.row, [parentField]: id } });
    }
  }
  if (next.length > 0) await saveLevel(ctx, next, results);
}
