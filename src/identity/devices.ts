/** What a browser says of itself, as its owner would say it. */
export interface Device {
  browser: string;
  system: string;
  isMobile: boolean;
}

/* The first that fits: browsers name those they descend from as well. */
const browsers: [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\b(OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

const systems: [RegExp, string][] = [
  [/\b(iPhone|iPod)\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

const first = (patterns: [RegExp, string][], text: string) =>
  patterns.find(([pattern]) => pattern.test(text))?.[1];

/** Browser and system from a User-Agent header; a dash where it does not say. */
export function deviceOf(userAgent: string): Device {
  return {
    browser: first(browsers, userAgent) ?? '–',
    system: first(systems, userAgent) ?? '–',
    isMobile: /\b(iPhone|iPod|Android|Mobile)\b/.test(userAgent),
  };
}
