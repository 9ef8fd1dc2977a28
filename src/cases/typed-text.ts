/* What people type, made fit to be stored here and in Salesforce. */

// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\u0085\u2028\u2029]/g;

/** Text of many lines: LF alone ends a line, no control characters, no half surrogates, nothing blank around it. */
export function textFrom(typed: string): string {
  return typed.replace(/\r\n?/g, '\n').replace(CONTROLS, '').toWellFormed().trim();
}

/** Text of one line: what would break it becomes a space. */
export function lineFrom(typed: string): string {
  return textFrom(typed).replace(/\s+/g, ' ');
}
