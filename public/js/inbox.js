/*
 * The inbox keeps itself up to date: while a page is looked at it asks every ten seconds how many alerts wait, a few bytes from an
 * index. A server that is away is asked again later; nothing stays connected. Without scripts the next page shows it.
 */
const BETWEEN = 10_000;

behaviour('inbox-count', (link) => {
  const mark = link.querySelector('.inbox-unread');
  const words = link.querySelector('.visually-hidden');
  let waiting;
  async function ask() {
    try {
      const answer = await fetch('/console/inbox/unread', {
        headers: { accept: 'application/json' },
        redirect: 'error',
      });
      if (answer.ok) show(await answer.json());
    } catch {
      /* It is asked again in a while. */
    }
    later();
  }
  function show({ unread, newest }) {
    mark.hidden = unread === 0;
    mark.textContent = new Intl.NumberFormat(document.documentElement.lang).format(unread);
    words.textContent = words.textContent.replace(/^\S+/, mark.textContent);
    if (newest <= Number(link.dataset.newest)) return;
    link.dataset.newest = newest;
    document.dispatchEvent(new CustomEvent('inbox:fresh'));
  }
  const later = () => {
    clearTimeout(waiting);
    if (document.visibilityState === 'visible')
      waiting = setTimeout(ask, BETWEEN * (0.8 + 0.4 * Math.random()));
  };
  document.addEventListener('visibilitychange', () =>
    document.visibilityState === 'visible' ? ask() : later(),
  );
  later();
});

/* New alerts come into the list by themselves; whoever has chosen some of it, or is at the keyboard in it, is not disturbed. */
behaviour('inbox-list', (list) => {
  if (list.dataset.state !== 'open') return;
  document.addEventListener('inbox:fresh', async () => {
    if (list.querySelector('input:checked') || list.contains(document.activeElement)) return;
    try {
      const answer = await fetch(location.href, { redirect: 'error' });
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const found = fresh.querySelector('[data-behaviour="inbox-list"]');
      if (!answer.ok || !found) return;
      list.replaceChildren(...found.childNodes);
      list.dispatchEvent(new CustomEvent('htmx:after:swap', { bubbles: true }));
    } catch {
      /* The next page shows it. */
    }
  });
});

/* Moves through the list by keys, and chooses all of a page at once. */
behaviour('inbox-keys', (form) => {
  const rows = [...form.querySelectorAll('.inbox-alert')];
  const boxes = () => [...form.querySelectorAll('input[name=ids]')];
  for (const element of form.querySelectorAll('[data-with-scripts]')) element.hidden = false;
  form.querySelector('[data-choose-all]')?.addEventListener('change', (event) => {
    for (const box of boxes()) box.checked = event.target.checked;
  });
  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const acts = {
    j: () => rows[Math.min(here() + 1, rows.length - 1)]?.focus(),
    k: () => rows[Math.max(here() - 1, 0)]?.focus(),
    x: (row) => row?.querySelector('input[name=ids]').click(),
    o: (row) => row?.querySelector('.inbox-title').click(),
    e(row) {
      if (!boxes().some((box) => box.checked)) row?.querySelector('input[name=ids]').click();
      if (boxes().some((box) => box.checked)) form.requestSubmit(form.querySelector('button.primary'));
    },
  };
  document.addEventListener('keydown', (event) => {
    const isTyped = event.target.closest('input:not([type=checkbox]), select, textarea, [contenteditable]');
    if (
      !form.isConnected ||
      isTyped ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      !Object.hasOwn(acts, event.key)
    )
      return;
    event.preventDefault();
    acts[event.key](rows[here()]);
  });
});
