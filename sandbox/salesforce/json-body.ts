import express from 'express';

import { ApiError } from './errors.ts';

import type { Request } from 'express';

/** Reads a small body as text, whatever its content type says; `jsonOf` makes objects of it. */
export const textBody = express.text({ type: () => true, limit: '1mb' });

/** The JSON object of a body that `textBody` read; empty without one. @throws ApiError 400 for what is no JSON object. */
export function jsonOf(req: Request): Record<string, unknown> {
  const text: unknown = req.body;
  return parseJson(typeof text === 'string' ? text : '');
}

/** The JSON object that a text holds; empty for an empty text. @throws ApiError 400 for what is no JSON object. */
export function parseJson(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (cause) {
    throw Object.assign(new ApiError(400, 'JSON_PARSER_ERROR', 'The body could not be read as JSON'), {
      cause,
    });
  }
  throw new ApiError(400, 'JSON_PARSER_ERROR', 'The body must be a JSON object');
}
