import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';

/*
 * MJML takes a second and 105 MB to load, and whatever time a hostile source asks for: it has a thread of its own (mjml.ts), which is
 * ended when it takes too long or is no longer needed.
 */
const require = createRequire(import.meta.url);
const mjml2html = require('mjml') as Mjml;

/* The package brings no types. */
type Mjml = (
  source: string,
  options: object,
) => Promise<{ html: string; errors: { formattedMessage: string }[] }>;

export interface Asked {
  id: number;
  source: string;
}
export interface Made {
  id: number;
  html: string;
  errors: string[];
}

parentPort?.on('message', ({ id, source }: Asked) => {
  void make(source).then((made) => parentPort?.postMessage({ id, ...made } satisfies Made));
});

async function make(source: string): Promise<Omit<Made, 'id'>> {
  try {
    const { html, errors } = await mjml2html(source, {
      validationLevel: 'soft',
      keepComments: false,
      ignoreIncludes: true,
      fonts: {},
      minify: false,
    });
    return {
      html,
      errors: errors.slice(0, 20).map(({ formattedMessage }) => formattedMessage.slice(0, 300)),
    };
  } catch (error) {
    return { html: '', errors: [error instanceof Error ? error.message.slice(0, 300) : 'unknown'] };
  }
}
