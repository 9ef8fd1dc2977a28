/**
 * A process of the product that calls Salesforce: at each message, eight calls at once, two of them streamed. Answers with the sessions
 * that are kept then, or with what went wrong.
 */
const { send, stream } = await import('../../src/platform/salesforce/wire/connection.ts');
const { currentSession } = await import('../../src/platform/salesforce/wire/renewal.ts');

async function call(): Promise<string> {
  const path = `/query?q=${encodeURIComponent('SELECT Id FROM Organization')}`;
  const streamed = async () => (await stream({ path })).body.dump();
  await Promise.all([...Array.from({ length: 6 }, () => send({ path })), streamed(), streamed()]);
  return (await currentSession()).token;
}

process.on('message', () => {
  call().then(
    (token) => process.send?.({ token }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
