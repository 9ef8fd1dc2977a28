declare module 'mjml' {
  interface Options {
    validationLevel: 'strict' | 'soft' | 'skip';
    keepComments: boolean;
    ignoreIncludes: boolean;
    fonts: Record<string, string>;
    minify: boolean;
  }
  const mjml2html: (
    source: string,
    options: Options,
  ) => Promise<{ html: string; errors: { formattedMessage: string }[] }>;
  export default mjml2html; // eslint-disable-line no-restricted-exports -- it is how the package exports it
}
