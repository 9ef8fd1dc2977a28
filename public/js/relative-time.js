/* Keeps “3 minutes ago” true while a page stays open. */
const units = [['day', 86_400], ['hour', 3600], ['minute', 60]];
const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto' });

function refresh() {
  for (const element of document.querySelectorAll('time[title]')) {
    const seconds = (new Date(element.dateTime) - Date.now()) / 1000;
    if (Math.abs(seconds) >= 7 * 86_400) continue;
    const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ['minute', 60];
    element.textContent = format.format(Math.trunc(seconds / length), unit);
  }
}

setInterval(refresh, 60_000);
