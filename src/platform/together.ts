interface Asked<Question, Answer> {
  question: Question;
  answer: (answer: Answer) => void;
  fail: (error: unknown) => void;
}

/**
 * Asks together what is asked in the same turn of the event loop: when many ask at once, they share one round trip to the database;
 * who asks alone waits for nobody. Nothing is kept from one turn to the next. `ask` answers each question at its place.
 */
export function together<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
  let waiting: Asked<Question, Answer>[] = [];
  const askAll = () => {
    const asked = waiting;
    waiting = [];
    ask(asked.map(({ question }) => question)).then(
      (answers) => {
        for (const [place, { answer }] of asked.entries()) answer(answers[place] as Answer);
      },
      (error: unknown) => {
        for (const { fail } of asked) fail(error);
      },
    );
  };
  return (question) =>
    new Promise((answer, fail) => {
      if (waiting.push({ question, answer, fail }) === 1) setImmediate(askAll);
    });
}
