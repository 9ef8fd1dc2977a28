/** Failures that a capability may throw and a surface knows how to answer. Everything else is a bug. */
export class Expected extends Error {}

/** There is no such thing, or the viewer may not know of it: both are answered alike. */
export class NotFound extends Expected {}

/** The viewer is known and may see the thing, but not do this. */
export class Forbidden extends Expected {}

/** The act contradicts what has happened meanwhile. */
export class Conflict extends Expected {}

/** Another system (Salesforce, SendGrid) does not answer; trying later may help. */
export class Unavailable extends Expected {}

/** Another system refused for good: only a person can mend it, so the job that asked is a dead letter at once. */
export class Refused extends Expected {}

/** Too many attempts; `retryAfterSeconds` says when the next may be made. */
export class TooMany extends Expected {
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('too many attempts');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What was typed cannot be taken. `fields` maps a field's name to the locale key of what is wrong with it. */
export class Invalid extends Expected {
  readonly fields: Record<string, string>;
  constructor(fields: Record<string, string>) {
    super('invalid input');
    this.fields = fields;
  }
}
