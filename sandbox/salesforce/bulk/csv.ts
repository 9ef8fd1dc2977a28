/** Column delimiters by the name that the API gives them. */
export const delimiters: Record<string, string> = {
  BACKQUOTE: '`',
  CARET: '^',
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  TAB: '\t',
};

/** Line endings by the name that the API gives them. */
export const lineEndings: Record<string, string> = { LF: '\n', CRLF: '\r\n' };

/** How a job's CSV is written. */
export interface CsvForm {
  delimiter: string;
  lineEnding: string;
}

/** The form that a job was created with. */
export const formOf = ({
  columnDelimiter,
  lineEnding,
}: {
  columnDelimiter: string;
  lineEnding: string;
}): CsvForm => ({
  delimiter: delimiters[columnDelimiter] ?? ',',
  lineEnding: lineEndings[lineEnding] ?? '\n',
});

/** One line, every cell in quotes, as Bulk writes it. */
export const csvLine = (cells: string[], { delimiter, lineEnding }: CsvForm): string =>
  cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter) + lineEnding;

const [QUOTE, NEWLINE] = [0x22, 0x0a];

/** Finds where records end in CSV that streams by: a line end inside quotes is part of a value. */
export function createRecordScanner() {
  let isQuoted = false;
  return {
    /** Calls `ended` with the place behind each record that ends in the chunk; it may return false to stop there. */
    scan(chunk: Uint8Array, ended: (end: number) => boolean | undefined): void {
      for (let at = 0; at < chunk.length; at += 1) {
        const byte = chunk[at];
        if (byte === QUOTE) isQuoted = !isQuoted;
        else if (byte === NEWLINE && !isQuoted && ended(at + 1) === false) return;
      }
    },
  };
}

/** Turns the line ends between records into CRLF; those inside quotes stay. */
export async function* withCrLf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const scanner = createRecordScanner();
  for await (const chunk of source) {
    const pieces: Uint8Array[] = [];
    let from = 0;
    scanner.scan(chunk, (end) => {
      pieces.push(chunk.subarray(from, end - 1), Buffer.from('\r\n'));
      from = end;
      return true;
    });
    yield Buffer.concat([...pieces, chunk.subarray(from)]);
  }
}

/** The line end after the first record of a text, or undefined when it holds no whole record. */
export function firstLineEnding(text: string): 'LF' | 'CRLF' | undefined {
  let found: 'LF' | 'CRLF' | undefined;
  const bytes = Buffer.from(text);
  createRecordScanner().scan(bytes, (end) => {
    found = bytes[end - 2] === 0x0d ? 'CRLF' : 'LF';
    return false;
  });
  return found;
}
