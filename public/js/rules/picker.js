/*
 * Chooses one of many fields: a combobox (WAI-ARIA 1.2) whose list is narrowed by what is typed, under the names of groups.
 */
let made = 0;

export function picker({ input, list, fields, chosen, words, announce, choose }) {
  made += 1;
  const name = `rule-options-${made}`;
  list.id = name;
  input.setAttribute('aria-controls', name);
  const labelOf = (field) => fields.find((each) => each.name === field)?.label ?? field;
  let current = chosen;
  let active = -1;
  let options = [];
  input.value = labelOf(current);

  const matching = () => {
    const wanted = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const isUntouched = input.value === labelOf(current);
    return fields.filter(({ label, group }) => {
      const text = `${label} ${group}`.toLowerCase();
      return isUntouched || wanted.every((word) => text.includes(word));
    });
  };

  const open = () => {
    const found = matching();
    list.replaceChildren(...grouped(found));
    options = [...list.querySelectorAll('[role=option]')];
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    activate(options.findIndex((option) => option.dataset.field === current));
    return found.length;
  };

  const close = () => {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    active = -1;
  };

  const grouped = (found) => {
    const groups = Map.groupBy(found, ({ group }) => group);
    if (found.length === 0) return [element('p', { className: 'muted small', textContent: words.noneFound })];
    return [...groups].map(([label, some], i) => {
      const head = element('div', { id: `${name}-g${i}`, className: 'rule-options-head', textContent: label });
      const box = element('div', {}, { role: 'group', 'aria-labelledby': head.id });
      box.append(head, ...some.map((field, j) => optionOf(field, `${name}-g${i}-${j}`)));
      return box;
    });
  };

  const optionOf = (field, id) => {
    const option = element('div', { id, className: 'rule-option', textContent: field.label }, { role: 'option' });
    option.setAttribute('aria-selected', String(field.name === current));
    option.dataset.field = field.name;
    return option;
  };

  const activate = (index) => {
    options[active]?.classList.remove('is-active');
    active = index;
    const option = options[active];
    if (option === undefined) return input.removeAttribute('aria-activedescendant');
    option.classList.add('is-active');
    option.scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', option.id);
  };

  const take = (option) => {
    const before = current;
    current = option.dataset.field;
    input.value = labelOf(current);
    close();
    if (current !== before) choose(current);
  };

  const step = (by) => {
    if (list.hidden) open();
    if (options.length > 0) activate((active + by + options.length + (active < 0 && by < 0 ? 1 : 0)) % options.length);
  };

  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Home: () => !list.hidden && activate(0),
    End: () => !list.hidden && activate(options.length - 1),
    Enter: () => (list.hidden ? open() : take(options[Math.max(active, 0)] ?? options[0] ?? { dataset: { field: current } })),
    Escape: () => {
      input.value = labelOf(current);
      close();
    },
  };

  input.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (act === undefined || event.isComposing) return;
    if ((event.key === 'Home' || event.key === 'End' || event.key === 'Escape') && list.hidden) return;
    event.preventDefault();
    act();
  });
  input.addEventListener('input', () => {
    const count = open();
    activate(count > 0 ? 0 : -1);
    announce(count > 0 ? words.found.replace('{n}', String(count)) : words.noneFound);
  });
  input.addEventListener('focus', () => input.select());
  input.addEventListener('click', () => list.hidden && open());
  input.addEventListener('blur', () => {
    const exact = options.find((option) => option.textContent.toLowerCase() === input.value.trim().toLowerCase());
    if (exact !== undefined && !list.hidden) return take(exact);
    input.value = labelOf(current);
    close();
  });
  /* The press must not take the focus away before the choice is made. */
  list.addEventListener('pointerdown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const option = event.target.closest('[role=option]');
    if (option) take(option);
  });
}

export function element(tag, properties = {}, attributes = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
