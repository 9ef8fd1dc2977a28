import type { NextFunction, Request, RequestHandler, Response } from 'express';

import { Invalid } from '../errors.ts';

type Handler = (req: Request, res: Response, next: NextFunction) => void | Promise<void>;

/** What a form's view needs to show it again: what was typed, and what is wrong with it. */
export interface SubmittedForm {
  readonly values: Readonly<Record<string, unknown>>;
  /** Field name to locale key. */
  readonly errors: Readonly<Record<string, string>>;
}

/**
 * A form's POST: `act` does it and redirects. When what was typed cannot be taken (Invalid), `again` shows the form with
 * status 422, everything typed kept, and the errors beside their fields.
 */
export function submitting(act: Handler, again: Handler): RequestHandler {
  return async (req, res, next) => {
    try {
      await act(req, res, next);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      showErrors(res, req.body as unknown, error.fields);
      await again(req, res, next);
    }
  };
}

/** Makes the views of this answer show these errors. For forms that are not read through `submitting`, uploads for instance. */
export function showErrors(res: Response, values: unknown, errors: SubmittedForm['errors']): void {
  const form: SubmittedForm = { values: isRecord(values) ? values : {}, errors };
  res.status(422);
  res.locals.form = form;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** A field of a form, as its partial shows it. */
export interface Field {
  readonly value: string | undefined;
  readonly errorKey: string | undefined;
}

/** What the form that was sent holds for a field; nothing when none was sent. */
export function fieldOf(form: SubmittedForm | undefined, name: string): Field {
  if (form === undefined) return { value: undefined, errorKey: undefined };
  const value = Object.hasOwn(form.values, name) ? form.values[name] : undefined;
  const errorKey = Object.hasOwn(form.errors, name) ? form.errors[name] : undefined;
  return { value: typeof value === 'string' ? value : undefined, errorKey };
}
