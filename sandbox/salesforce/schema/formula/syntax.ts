/** A formula as a tree. */
export type Formula =
  | { kind: 'text'; value: string }
  | { kind: 'number'; value: string }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'null' }
  | { kind: 'field'; path: string[] }
  | { kind: 'call'; name: string; args: Formula[] }
  | { kind: 'binary'; operator: Operator; left: Formula; right: Formula }
  | { kind: 'not' | 'minus'; operand: Formula };

export type Operator = '||' | '&&' | '=' | '<>' | '<' | '<=' | '>' | '>=' | '+' | '-' | '&' | '*' | '/' | '^';

/** What Salesforce says against a formula, in its words. */
export class FormulaError extends Error {}
