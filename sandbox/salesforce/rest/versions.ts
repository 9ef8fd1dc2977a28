const oldest = 31;
const newest = 68;

/** GET /services/data: needs no session. */
export function versions(): { label: string; url: string; version: string }[] {
  return Array.from({ length: newest - oldest + 1 }, (_, at) => {
    const number = oldest + at;
    const version = `${String(number)}.0`;
    const label = `${seasons[number % 3] ?? ''} '${String(Math.floor((number + 1) / 3) + 4)}`;
    return { label, url: `/services/data/v${version}`, version };
  });
}

/** Three releases a year: 60 was Spring '24. */
const seasons = ['Spring', 'Summer', 'Winter'];

/** Whether the sandbox speaks that version. */
export const isVersion = (version: number): boolean => version >= oldest && version <= newest;
