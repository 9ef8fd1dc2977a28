/*
 * Keeps parts of a page up to date: while somebody looks, they are asked for again every two seconds and put in their places. Parts that say
 * where they come `data-from` are asked for there, all of one address together; the others come with the whole page. One in which a question
 * stands open is left alone; where the keyboard was, it is again. A part that comes back without the behaviour, or not at all, has come to its
 * end; an answer 205 says that the page is to be loaded anew.
 */
const AGAIN = 2_000;
const parts = new Map();
let coming;

behaviour('live', (part) => {
  const isFirst = parts.size === 0;
  parts.set(part.id, part.dataset.from ?? location.href);
  if (isFirst) comeAgain();
});

document.addEventListener('visibilitychange', comeAgain);

/* Nobody looks at a page that is hidden: it asks for nothing until somebody does. */
function comeAgain() {
  clearTimeout(coming);
  if (parts.size > 0 && document.visibilityState === 'visible') coming = setTimeout(askAgain, AGAIN);
}

async function askAgain() {
  await Promise.all([...new Set(parts.values())].map(askFor));
  comeAgain();
}

async function askFor(address) {
  try {
    const answer = await fetch(address, { redirect: 'error', headers: { 'HX-Request': 'true' } });
    if (answer.status === 205) location.reload();
    else if (answer.ok) put(address, new DOMParser().parseFromString(await answer.text(), 'text/html'));
  } catch {
    /* It is asked again in a while. */
  }
}

function put(address, fresh) {
  for (const [id, from] of parts) {
    if (from !== address) continue;
    const [part, found] = [document.getElementById(id), fresh.getElementById(id)];
    const isOver = found === null || !found.matches('[data-behaviour~="live"]');
    if (part !== null && found !== null && part.querySelector(':popover-open') !== null) continue;
    if (part !== null && found !== null) replace(part, found);
    if (isOver) parts.delete(id);
  }
}

function replace(part, found) {
  if (part.innerHTML === found.innerHTML) return;
  const { activeElement } = document;
  const place = part.contains(activeElement)
    ? [...part.querySelectorAll('a, button, summary')].indexOf(activeElement)
    : -1;
  part.replaceChildren(...found.childNodes);
  if (place >= 0) part.querySelectorAll('a, button, summary')[place]?.focus({ preventScroll: true });
  part.dispatchEvent(new CustomEvent('htmx:after:swap', { bubbles: true }));
}
