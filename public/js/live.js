/*
 * Keeps parts of a page up to date: while somebody looks, the page is asked for again every two seconds and each part put in its place. One
 * in which a question stands open is left alone; where the keyboard was, it is again. A part that comes back without the behaviour has come
 * to its end.
 */
const AGAIN = 2_000;
const parts = new Set();
let coming;

behaviour('live', (part) => {
  parts.add(part.id);
  coming ??= setTimeout(askAgain, AGAIN);
});

async function askAgain() {
  if (document.visibilityState === 'visible') {
    try {
      const answer = await fetch(location.href, { redirect: 'error' });
      if (answer.ok) put(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    } catch {
      /* It is asked again in a while. */
    }
  }
  coming = parts.size > 0 ? setTimeout(askAgain, AGAIN) : undefined;
}

function put(fresh) {
  for (const id of parts) {
    const [part, found] = [document.getElementById(id), fresh.getElementById(id)];
    const isOver = found === null || !found.matches('[data-behaviour~="live"]');
    if (part !== null && found !== null && part.querySelector(':popover-open') !== null) continue;
    if (part !== null && found !== null) replace(part, found);
    if (isOver) parts.delete(id);
  }
}

function replace(part, found) {
  const { activeElement } = document;
  const place = part.contains(activeElement)
    ? [...part.querySelectorAll('a, button, summary')].indexOf(activeElement)
    : -1;
  part.replaceChildren(...found.childNodes);
  if (place >= 0) part.querySelectorAll('a, button, summary')[place]?.focus({ preventScroll: true });
  part.dispatchEvent(new CustomEvent('htmx:after:swap', { bubbles: true }));
}
