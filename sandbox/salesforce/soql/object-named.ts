import { ApiError } from '../errors.ts';
import { isPlatformEvent } from '../events/platform-events.ts';
import type { SObject } from '../schema/catalog.ts';
import type { Compilation } from './scope.ts';
import { errorAtWord } from './source.ts';

/** @throws ApiError INVALID_TYPE at the name. */
export function objectNamed(compilation: Compilation, name: string): SObject {
  const { org, user } = compilation.ctx;
  const sobject = org.catalog.find(name);
  if (sobject && isPlatformEvent(sobject.name))
    throw new ApiError(
      400,
      'INVALID_TYPE_FOR_OPERATION',
      `entity type ${sobject.name} does not support query`,
    );
  if (sobject && org.security.may(user, 'read', sobject)) return sobject;
  const message = `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`;
  throw errorAtWord(compilation.source, name, ['INVALID_TYPE', message]);
}
