/* Windows in which something is chosen: a merge field with what stands in its place, or a picture of the library. */
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const part = (dialog, name) => dialog.querySelector(`[data-part="${name}"]`);

/** @returns a function that asks for a merge field and gives it, as it is written, to whoever asked */
export function fieldPicker({ fields, words }) {
  const dialog = document.getElementById('dialog-field');
  const [search, options, fallback, hint, written, insert] = ['search', 'options', 'fallback', 'fallbackHint', 'written', 'insert'].map((name) => part(dialog, name));
  let chosen;
  let give = () => undefined;

  const text = () => {
    if (chosen === undefined) return '';
    const instead = fallback.value.trim().replaceAll('"', "'");
    return instead === '' ? `{{ ${chosen.name} }}` : `{{ ${chosen.name} | default: "${instead}" }}`;
  };
  const told = () => {
    written.textContent = text();
    insert.disabled = chosen === undefined;
    fallback.closest('.field').hidden = chosen !== undefined && !chosen.needsFallback;
    hint.textContent = words.fallbackHint;
  };
  const choose = (field, item) => {
    chosen = field;
    for (const each of options.querySelectorAll('[role=option]')) each.setAttribute('aria-selected', String(each === item));
    options.setAttribute('aria-activedescendant', item.id);
    item.scrollIntoView({ block: 'nearest' });
    told();
  };
  const draw = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = fields.filter(({ name, label, group }) => `${name} ${label} ${group}`.toLowerCase().includes(wanted));
    const groups = [...new Set(found.map(({ group }) => group))];
    options.removeAttribute('aria-activedescendant');
    options.replaceChildren(
      ...groups.map((group) => {
        const box = element('div', {}, element('p', { className: 'options-group', textContent: group, role: 'presentation' }));
        box.setAttribute('role', 'group');
        box.setAttribute('aria-label', group);
        for (const field of found.filter((each) => each.group === group)) {
          const item = element('div', { id: `option-${field.name.replaceAll('.', '-')}`, className: 'option' }, element('span', { textContent: field.label }), element('code', { textContent: field.name }));
          item.setAttribute('role', 'option');
          item.setAttribute('aria-selected', 'false');
          item.addEventListener('click', () => choose(field, item));
          item.addEventListener('dblclick', () => insert.click());
          item.field = field;
          box.append(item);
        }
        return box;
      }),
    );
    if (found.length === 0) options.append(element('p', { className: 'muted', textContent: words.noneFound }));
    const first = options.querySelector('[role=option]');
    if (first) choose(first.field, first);
    else {
      chosen = undefined;
      told();
    }
  };
  const walk = (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    const all = [...options.querySelectorAll('[role=option]')];
    const at = all.findIndex((each) => each.getAttribute('aria-selected') === 'true');
    const next = all[Math.min(Math.max(at + (event.key === 'ArrowDown' ? 1 : -1), 0), all.length - 1)];
    if (next) choose(next.field, next);
  };
  search.addEventListener('input', draw);
  search.addEventListener('keydown', walk);
  options.addEventListener('keydown', walk);
  fallback.addEventListener('input', told);
  dialog.addEventListener('close', () => {
    if (dialog.returnValue === 'insert' && chosen) give(text());
  });

  return (then) => {
    give = then;
    search.value = '';
    fallback.value = '';
    dialog.returnValue = '';
    draw();
    dialog.showModal();
    search.focus();
  };
}

/** @returns a function that asks for a picture of the library and gives its address */
export function imagePicker({ words }) {
  const dialog = document.getElementById('dialog-images');
  const [search, file, status, grid, close] = ['search', 'file', 'status', 'grid', 'close'].map((name) => part(dialog, name));
  let give = () => undefined;

  const take = (image) => {
    dialog.close();
    give(image.url, image);
  };
  const draw = async () => {
    const answer = await fetch(`/console/images.json?q=${encodeURIComponent(search.value.trim())}`);
    const images = answer.ok ? await answer.json() : [];
    grid.replaceChildren(
      ...images.map((image) => {
        const button = element('button', { type: 'button' }, element('img', { src: image.path, alt: '', loading: 'lazy' }), element('span', { className: 'truncate', textContent: image.name }), element('span', { className: 'muted small', textContent: `${image.width} × ${image.height}` }));
        button.addEventListener('click', () => take(image));
        return element('li', {}, button);
      }),
    );
    status.textContent = images.length === 0 ? words.noImages : '';
  };
  search.addEventListener('input', () => void draw());
  close.addEventListener('click', () => dialog.close());
  file.addEventListener('change', async () => {
    const [chosen] = file.files;
    if (chosen === undefined) return;
    status.textContent = words.uploading;
    const body = new FormData();
    body.append('file', chosen);
    const answer = await fetch('/console/images', { method: 'POST', body, headers: { accept: 'application/json' } }).catch(() => undefined);
    const told = await answer?.json().catch(() => undefined);
    file.value = '';
    if (answer?.ok) take(told);
    else status.textContent = told?.errors?.map(({ text }) => text).join(' ') ?? words.notKept;
  });

  return (then) => {
    give = then;
    search.value = '';
    void draw();
    dialog.showModal();
  };
}
