/*
 * Keeps what is typed into a form until it has been taken, in this tab alone: a session that ended, a lost connection or a
 * closed lid costs no text. data-keep-for names whose it is, so that nobody else who signs in here gets to see it.
 */
behaviour('keep-typed', (form) => {
  const prefix = 'typed:';
  const place = `${prefix}${form.dataset.keepFor}:${new URL(form.action).pathname.replace(/^\/[a-z]{2}(-[A-Za-z0-9]+)?\//, '/')}`;
  const fields = () => [...form.elements].filter((field) => field.matches('input[type=text], textarea'));
  const storage = () => {
    try {
      return globalThis.sessionStorage;
    } catch {
      return undefined;
    }
  };
  const kept = storage();
  if (kept === undefined) return;
  if (document.querySelector('.notice.tone-success[role=status]'))
    for (const key of Object.keys(kept)) if (key.startsWith(prefix)) kept.removeItem(key);
  const typed = JSON.parse(kept.getItem(place) ?? '{}');
  for (const field of fields())
    if (field.value === '' && typeof typed[field.name] === 'string') field.value = typed[field.name];
  form.addEventListener('input', () => {
    kept.setItem(
      place,
      JSON.stringify(Object.fromEntries(fields().map((field) => [field.name, field.value]))),
    );
  });
});
