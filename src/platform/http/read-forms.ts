import express, { type RequestHandler } from 'express';

/** A form's fields, up to 256 kB, none when it sent none; files come otherwise (busboy), webhooks and tracking read their own bodies. */
export const readForms: RequestHandler[] = [
  express.urlencoded({ extended: false, limit: '256kb', parameterLimit: 200 }),
  (req, _res, next) => {
    const fields = (req.body ?? {}) as Record<string, unknown>;
    for (const [name, value] of Object.entries(fields))
      if (typeof value === 'string' && value.includes('\0')) fields[name] = value.replaceAll('\0', '');
    req.body = fields;
    next();
  },
];

/** Turns away an address that no page of ours has: PostgreSQL can keep no NUL, and broken percent signs mean nothing. */
export const refuseUnreadable: RequestHandler = (req, _res, next) => {
  const isReadable = !/%00|\0/.test(req.url);
  next(isReadable ? undefined : Object.assign(new Error('unreadable address'), { status: 400 }));
};
