import { crc32, deflateSync } from 'node:zlib';

import { DAY, isoDate } from '../dates.ts';

/** A small real file, as customers attach them to cases. */
export interface DemoFile {
  name: string;
  extension: 'log' | 'pdf' | 'png';
  /** Salesforce's name of the kind. */
  fileType: 'PDF' | 'PNG' | 'TEXT';
  contentType: string;
  bytes: Buffer;
}

/** A job's log of that day, ending in the failure it was sent for. */
export function logFile(host: string, at: number): DemoFile {
  const day = isoDate(at - DAY);
  const lines = [
    `${day} 22:00:00.004 INFO  [scheduler] job "Nightly ${host}" started, 3 volumes, incremental`,
    `${day} 22:00:00.391 INFO  [agent] connected to ${host}, agent build 11.2.4187`,
    `${day} 22:00:01.120 INFO  [snapshot] requesting snapshot set for C:, D:, E:`,
    ...Array.from({ length: 42 }, (_, index) => `${day} 22:${String(Math.floor(index / 6)).padStart(2, '0')}:${String((index * 10) % 60).padStart(2, '0')}.${String(100 + index * 7)} DEBUG [writer ${String(index % 9)}] state 5, waiting for completion, retry ${String(index)}`),
    `${day} 22:10:02.774 WARN  [writer 4] no answer for 600 s`,
    `${day} 22:10:02.776 ERROR [snapshot] creation failed: 0x80042306`,
    `${day} 22:10:02.912 ERROR [scheduler] job "Nightly ${host}" failed after 602 s, 0 bytes transferred`,
    '',
  ]; // prettier-ignore
  return {
    name: `${host}-nightly-${day}.log`,
    extension: 'log',
    fileType: 'TEXT',
    contentType: 'text/plain',
    bytes: Buffer.from(lines.join('\n')),
  };
}

/** A screenshot of a dialog, drawn as blocks: window, title bar, an error mark, lines of text, a button. */
export function screenshot(host: string): DemoFile {
  const [width, height] = [320, 180];
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows.set(pixel(x, y), y * (1 + width * 3) + 1 + x * 3);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const bytes = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  return { name: `${host}-error.png`, extension: 'png', fileType: 'PNG', contentType: 'image/png', bytes };
}

type Color = readonly [number, number, number];

/** From back to front: where it lies (left, top, right, bottom) and its color. */
const shapes: readonly (readonly [box: readonly [number, number, number, number], color: Color])[] = [
  [
    [0, 0, 320, 180],
    [38, 70, 95],
  ],
  [
    [30, 24, 290, 156],
    [250, 251, 252],
  ],
  [
    [30, 24, 290, 44],
    [225, 231, 236],
  ],
  [
    [52, 66, 76, 90],
    [200, 54, 54],
  ],
  [
    [92, 64, 262, 69],
    [120, 130, 140],
  ],
  [
    [92, 78, 240, 83],
    [120, 130, 140],
  ],
  [
    [92, 92, 252, 97],
    [120, 130, 140],
  ],
  [
    [92, 106, 180, 111],
    [120, 130, 140],
  ],
  [
    [216, 126, 274, 146],
    [36, 105, 146],
  ],
];

function pixel(x: number, y: number): Color {
  const hit = shapes.findLast(
    ([[left, top, right, bottom]]) => x >= left && x < right && y >= top && y < bottom,
  );
  return hit?.[1] ?? [0, 0, 0];
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A one-page document with a heading and lines of text in plain Latin letters. */
export function pdfFile(name: string, heading: string, lines: readonly string[]): DemoFile {
  const escape = (text: string) => text.replace(/[\\()]/g, '\\$&');
  const content = [
    'BT /F1 18 Tf 56 780 Td', `(${escape(heading)}) Tj`, '/F1 11 Tf 0 -34 Td', '16 TL',
    ...lines.map((line) => `(${escape(line)}) Tj T*`), 'ET',
  ].join('\n'); // prettier-ignore
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>',
    `<< /Length ${String(Buffer.byteLength(content, 'latin1'))} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ];
  return { name, extension: 'pdf', fileType: 'PDF', contentType: 'application/pdf', bytes: pdfOf(objects) };
}

function pdfOf(objects: readonly string[]): Buffer {
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${String(index + 1)} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const size = String(objects.length + 1);
  const start = String(text.length);
  text += `xref\n0 ${size}\n0000000000 65535 f \n${offsets.join('')}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}
