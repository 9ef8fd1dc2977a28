/** A query as a tree, independent of the parser that read it. */
export interface Select {
  /** The object, or in a sub-query of a SELECT list the name of the relationship. */
  from: string;
  /** Names that may stand before a field of the object: its alias. */
  alias: string | undefined;
  items: Item[];
  where: Filter | undefined;
  groupBy: Expression[];
  /** Sub-totals of the groups. */
  totals: 'ROLLUP' | 'CUBE' | undefined;
  having: Filter | undefined;
  orderBy: Order[];
  /** USING SCOPE mine: only what belongs to the user. */
  isOwn: boolean;
  limit: number | undefined;
  offset: number | undefined;
  allRows: boolean;
}

export type Expression =
  { kind: 'field'; path: string[] } | { kind: 'call'; name: string; args: Expression[] };

export type Item =
  | { kind: 'expression'; expression: Expression; alias: string | undefined }
  | { kind: 'children'; select: Select }
  | { kind: 'typeof'; relationship: string; cases: { sobject: string | undefined; fields: string[] }[] };

export type Operator =
  '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'IN' | 'NOT IN' | 'INCLUDES' | 'EXCLUDES';

export type Filter =
  | { kind: 'and' | 'or'; parts: Filter[] }
  | { kind: 'not'; part: Filter }
  | { kind: 'compare'; left: Expression; operator: Operator; literals: Literal[] }
  | { kind: 'semi-join'; left: Expression; negated: boolean; select: Select };

export interface Literal {
  type: 'string' | 'number' | 'boolean' | 'null' | 'date' | 'datetime' | 'period';
  /** Unquoted; a period is `LAST_N_DAYS:30`. */
  text: string;
}

export interface Order {
  expression: Expression;
  descending: boolean;
  nullsLast: boolean;
}

/** The query text of an expression, for messages and result names. */
export const textOf = (expression: Expression): string =>
  expression.kind === 'field'
    ? expression.path.join('.')
    : `${expression.name}(${expression.args.map(textOf).join(', ')})`;

/** How messages name it: a field without its way there. */
export const nameOf = (expression: Expression): string =>
  expression.kind === 'field' ? (expression.path.at(-1) ?? '') : textOf(expression);
