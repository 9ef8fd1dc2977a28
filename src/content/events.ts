declare module '../platform/jobs.ts' {
  interface Jobs {
    /** Makes the delivered templates that are not there yet; asked for whenever a worker begins. */
    make_templates: Record<string, never>;
  }
}
