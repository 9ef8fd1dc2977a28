/**
 * What a file is, by its first bytes: names and browsers' words for it may lie. Files are kept as they are and never opened
 * here, so an image of any dimensions or an archive of any depth is only so many bytes.
 */

/** As many leading bytes as `typeOf` looks at. */
export const SNIFFED_BYTES = 512;

const signatures: [type: string, bytes: number[], offset?: number][] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x57, 0x45, 0x42, 0x50], 8],
  ['application/pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['application/zip', [0x50, 0x4b, 0x03, 0x04]],
  ['application/zip', [0x50, 0x4b, 0x05, 0x06]],
  ['application/gzip', [0x1f, 0x8b]],
  ['application/x-7z-compressed', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['application/x-executable', [0x4d, 0x5a]],
  ['application/x-executable', [0x7f, 0x45, 0x4c, 0x46]],
  ['application/x-executable', [0xfe, 0xed, 0xfa, 0xce]],
  ['application/x-executable', [0xfe, 0xed, 0xfa, 0xcf]],
  ['application/x-executable', [0xcf, 0xfa, 0xed, 0xfe]],
  ['application/x-executable', [0xca, 0xfe, 0xba, 0xbe]],
];

/** Extensions whose files must be what they say. */
const promised: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  zip: 'application/zip',
  docx: 'application/zip',
  xlsx: 'application/zip',
  pptx: 'application/zip',
  gz: 'application/gzip',
  '7z': 'application/x-7z-compressed',
};

/** Programs, whatever their bytes: whoever opens one would run it. */
const programs = new Set([
  'exe', 'dll', 'com', 'scr', 'pif', 'msi', 'msp', 'bat', 'cmd', 'ps1', 'vbs', 'vbe', 'wsf', 'wsh', 'hta', 'cpl', 'jar', 'lnk',
  'reg', 'app', 'js', 'jse', 'iso', 'apk', 'dmg',
]); // prettier-ignore

export type FileProblem = 'program' | 'mismatch';

/** The media type that the first bytes show; `application/octet-stream` where they show none. */
export function typeOf(start: Buffer): string {
  const found = signatures.find(([, bytes, offset = 0]) =>
    bytes.every((byte, i) => start[offset + i] === byte),
  );
  return found?.[0] ?? 'application/octet-stream';
}

/** Why a file of that name and beginning is refused, or undefined when it is welcome. */
export function fileProblem(name: string, start: Buffer): FileProblem | undefined {
  const extension = /\.([^.]+)$/.exec(name.toLowerCase())?.[1] ?? '';
  const type = typeOf(start);
  if (programs.has(extension) || type === 'application/x-executable') return 'program';
  const expected = promised[extension];
  return expected === undefined || expected === type ? undefined : 'mismatch';
}

/** A name safe to show, store and offer for download: no path, no control or direction characters, at most 200 characters. */
export function fileNameFrom(given: string): string {
  const base = given.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const name = base
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"|?*]/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  const [, stem = '', extension = ''] = /^(.*?)(\.[^.]{1,16})?$/u.exec(name) ?? [];
  const short = stem
    .slice(0, 200 - extension.length)
    .toWellFormed()
    .replace(/\uFFFD$/, '');
  return short === '' && extension === '' ? 'file' : `${short === '' ? 'file' : short}${extension}`;
}
