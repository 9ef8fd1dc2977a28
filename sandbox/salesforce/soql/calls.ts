import type { FieldFunctionExpression, FunctionExp } from '@jetstreamapp/soql-parser-js';
import type { Expression } from './syntax.ts';

/** A function with its arguments; a name among them is a field. */
export function callOf(call: FunctionExp | FieldFunctionExpression): Expression {
  const args = (call.parameters ?? []).map((parameter): Expression =>
    typeof parameter === 'string' ? { kind: 'field', path: parameter.split('.') } : callOf(parameter),
  );
  return { kind: 'call', name: (call.functionName ?? '').toUpperCase(), args };
}
