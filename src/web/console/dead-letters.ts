import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { type DeadLetter, deadLetters, discardDeadLetter, retryDeadLetter } from '../../platform/jobs.ts';
import { only, type Route, route } from '../guards.ts';

/** Jobs that failed as often as they may: looked at, tried again or given up by an administrator. */
export const deadLetterRoutes: Route[] = [
  route('get', '/console/dead-letters', only('admin')(), async (_req, res) => {
    res.render('console/dead-letters/index', { letters: (await deadLetters()).map(shown) });
  }),
  route(
    'post',
    '/console/dead-letters/:id/retries',
    only('admin')({ id: 'staff-thing' }),
    async (req, res) => {
      await retryDeadLetter(await deadLetterId(req.params.id));
      flash(res, 'deadLetters.retried');
      res.redirect(303, '/console/dead-letters');
    },
  ),
  route(
    'post',
    '/console/dead-letters/:id/discards',
    only('admin')({ id: 'staff-thing' }),
    async (req, res) => {
      await discardDeadLetter(await deadLetterId(req.params.id));
      flash(res, 'deadLetters.discarded');
      res.redirect(303, '/console/dead-letters');
    },
  ),
];

/** A reaction is told as what happened and what it set off; any other job by its name. */
function shown(letter: DeadLetter) {
  const { name, reaction } = letter.payload;
  return {
    ...letter,
    work: typeof name === 'string' && typeof reaction === 'string' ? `${name} → ${reaction}` : letter.task,
    firstLine: letter.error.split('\n', 1).join('').slice(0, 300),
    payloadText: JSON.stringify(letter.payload, null, 2),
  };
}

/** @throws NotFound for what is no dead letter (any more): a job that still has attempts is left alone. */
async function deadLetterId(parameter: unknown): Promise<string> {
  const letter = (await deadLetters()).find(({ id }) => id === parameter);
  if (letter === undefined) throw new NotFound();
  return letter.id;
}
