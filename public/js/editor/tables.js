/* The settings of segment tables: what is listed, from whose accounts, in which columns and order, and what is said when there is nothing. */
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const option = ({ value, label }) => element('option', { value, textContent: label });

const WAIT = 300;

/* What a list of these usually says, and in which order. */
const usual = {
  accounts: ['account.name', 'account.renewalOn', 'account.contractValue'],
  opportunities: ['opportunity.name', 'opportunity.amount', 'opportunity.closeOn'],
  licenses: ['license.product', 'license.seats', 'license.supportUntil'],
  cases: ['case.subject', 'case.status', 'case.createdOn'],
};
const orders = { accounts: 'account.name', opportunities: 'opportunity.closeOn', licenses: 'license.supportUntil', cases: 'case.createdOn' };

/** @param tables gives the tables of the message; @param changed is called when they are others; @param look asks what one would list now */
export function tableSettings({ objects, reaches, columns, words, limits, tables, changed, isUsed, localeOf, look }) {
  const dialog = document.getElementById('dialog-tables');
  const part = (name) => dialog.querySelector(`[data-part="${name}"]`);
  let name;
  let place = () => undefined;

  part('of').replaceChildren(...objects.map(option));
  part('reach').replaceChildren(...reaches.map(option));

  const table = () => tables()[name];
  /* By their groups: a name may be that of a deal, or of its account. */
  const choicesOf = (of) => {
    const groups = Map.groupBy(columns[of], ({ group }) => group);
    return [...groups].map(([label, fields]) => element('optgroup', { label }, ...fields.map(({ name: value, label: text }) => option({ value, label: text }))));
  };
  const beginning = (of) => {
    const known = new Set(columns[of].map(({ name: each }) => each));
    const wanted = usual[of].filter((each) => known.has(each));
    const fields = wanted.length > 0 ? wanted : columns[of].slice(0, 3).map(({ name: each }) => each);
    return {
      of,
      columns: fields.map((field) => ({ field })),
      sort: { field: known.has(orders[of]) ? orders[of] : fields[0], direction: of === 'cases' ? 'descending' : 'ascending' },
    };
  };

  const fresh = () => ({
    ...beginning('licenses'),
    reach: 'own',
    isOfAllAccounts: true,
    limit: 10,
    hasTotals: false,
    emptyText: '',
  });

  const draw = () => {
    const all = Object.keys(tables());
    part('names').replaceChildren(
      ...all.map((each) => {
        const button = element('button', { type: 'button', className: 'button small', textContent: each });
        button.setAttribute('aria-pressed', String(each === name));
        button.addEventListener('click', () => open(each));
        return button;
      }),
    );
    if (all.length === 0) part('names').replaceChildren(element('span', { className: 'muted', textContent: words.noTables }));
    part('form').hidden = part('remove').hidden = name === undefined;
    if (name === undefined) part('found').hidden = true;
    part('insert').disabled = name === undefined;
    part('add').disabled = all.length >= limits.tables;
    if (name !== undefined) fill(table());
  };

  const fill = (spec) => {
    part('name').value = name;
    for (const key of ['of', 'reach', 'limit']) part(key).value = spec[key];
    for (const key of ['isOfAllAccounts', 'hasTotals']) part(key).checked = spec[key];
    part('direction').value = spec.sort.direction;
    part('sort').replaceChildren(...choicesOf(spec.of));
    part('sort').value = spec.sort.field;
    part('emptyText').value = wordsOf(spec.emptyText);
    part('error').hidden = true;
    drawColumns(spec);
    drawRule(spec);
    lookSoon();
  };

  /* What it would list for the person of the preview, a moment after it was changed. */
  let waiting;
  let asked = 0;
  const lookSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void lookNow(), WAIT);
  };
  const lookNow = async () => {
    const number = (asked += 1);
    const found = name === undefined ? undefined : await look(table());
    if (number !== asked) return;
    const { person, total, text } = found ?? {};
    part('found').hidden = !person;
    if (!person) return;
    const told = total === 0 ? words.tableForNone : words.tableFor;
    part('foundTold').textContent = told.replace('{name}', person.name).replace('{count}', total);
    part('foundRows').hidden = text === '';
    part('foundRows').textContent = text;
  };

  /* Words may be the same in all languages or one by one: what is typed is that of the language in hand. */
  const wordsOf = (said) => (typeof said === 'string' ? said : (said?.[localeOf()] ?? ''));
  const withWords = (said, typed) => (typeof said === 'object' && said !== null ? withoutEmpty({ ...said, [localeOf()]: typed }) : typed);
  const withoutEmpty = (said) => Object.fromEntries(Object.entries(said).filter(([, text]) => text !== ''));

  const drawColumns = (spec) => {
    part('columns').replaceChildren(
      ...spec.columns.map((column, at) => {
        const field = element('select', { className: 'input' }, ...choicesOf(spec.of));
        field.value = column.field;
        field.setAttribute('aria-label', `${words.column} ${at + 1}`);
        field.addEventListener('change', () => change((next) => (next.columns[at].field = field.value)));
        const heading = element('input', { className: 'input', value: wordsOf(column.heading ?? ''), placeholder: words.heading, maxLength: 200 });
        heading.setAttribute('aria-label', `${words.heading} ${at + 1}`);
        heading.addEventListener('change', () =>
          change((next) => {
            const said = withWords(next.columns[at].heading, heading.value.trim());
            if (said === '') delete next.columns[at].heading;
            else next.columns[at].heading = said;
          }),
        );
        const tool = (text, sign, act, isOff) => {
          const button = element('button', { type: 'button', className: 'button quiet small', textContent: sign, title: text, disabled: isOff });
          button.setAttribute('aria-label', `${text} ${at + 1}`);
          button.addEventListener('click', () => change(act));
          return button;
        };
        const swap = (by) => (next) => next.columns.splice(at + by, 0, next.columns.splice(at, 1)[0]);
        return element('li', {}, field, heading, tool(words.moveUp, '↑', swap(-1), at === 0), tool(words.moveDown, '↓', swap(1), at === spec.columns.length - 1), tool(words.remove, '×', (next) => next.columns.splice(at, 1), spec.columns.length === 1));
      }),
    );
    part('addColumn').disabled = spec.columns.length >= limits.columns;
  };

  const drawRule = (spec) => {
    const box = part('rule');
    const template = dialog.querySelector(`template[data-rule-of="${spec.of}"]`);
    box.replaceChildren(template.content.cloneNode(true));
    const textarea = box.querySelector('textarea');
    textarea.value = JSON.stringify(spec.rule ?? { all: [] }, null, 2);
    for (const script of box.querySelectorAll('script')) script.remove();
    box.dispatchEvent(new CustomEvent('htmx:after:swap', { bubbles: true }));
  };

  const takeRule = () => {
    const text = part('rule').querySelector('textarea')?.value ?? '';
    const spec = name === undefined ? undefined : table();
    if (spec === undefined) return;
    try {
      const rule = JSON.parse(text);
      const isEmpty = Array.isArray(rule.all) && rule.all.length === 0;
      const next = { ...spec };
      if (isEmpty) delete next.rule;
      else next.rule = rule;
      if (JSON.stringify(next.rule) !== JSON.stringify(spec.rule)) changed({ ...tables(), [name]: next });
    } catch {
      /* A rule that is being typed as JSON is taken when it can be read. */
    }
  };

  const change = (act) => {
    takeRule();
    const next = structuredClone(table());
    act(next);
    changed({ ...tables(), [name]: next });
    fill(next);
  };

  const open = (wanted) => {
    takeRule();
    name = wanted;
    draw();
  };

  part('of').addEventListener('change', () =>
    change((next) => {
      Object.assign(next, beginning(part('of').value));
      delete next.rule;
      delete next.segmentId;
      part('rule').replaceChildren();
    }),
  );
  for (const key of ['reach']) part(key).addEventListener('change', () => change((next) => (next[key] = part(key).value)));
  for (const key of ['isOfAllAccounts', 'hasTotals']) part(key).addEventListener('change', () => change((next) => (next[key] = part(key).checked)));
  part('limit').addEventListener('change', () => change((next) => (next.limit = Math.min(Math.max(Math.round(Number(part('limit').value)) || 1, 1), limits.rows))));
  part('sort').addEventListener('change', () => change((next) => (next.sort.field = part('sort').value)));
  part('direction').addEventListener('change', () => change((next) => (next.sort.direction = part('direction').value)));
  part('emptyText').addEventListener('change', () => change((next) => (next.emptyText = withWords(next.emptyText, part('emptyText').value.trim()))));
  part('addColumn').addEventListener('click', () =>
    change((next) => {
      const free = columns[next.of].find(({ name: field }) => !next.columns.some((each) => each.field === field));
      next.columns.push({ field: (free ?? columns[next.of][0]).name });
    }),
  );
  part('add').addEventListener('click', () => {
    let number = Object.keys(tables()).length + 1;
    while (tables()[`table${number}`]) number += 1;
    changed({ ...tables(), [`table${number}`]: fresh() });
    open(`table${number}`);
    part('name').focus();
  });
  part('name').addEventListener('change', () => {
    const wanted = part('name').value.trim();
    if (wanted === name) return;
    const isTaken = tables()[wanted] !== undefined;
    if (isTaken || isUsed(name) || !/^[a-z][a-z0-9_-]{0,39}$/.test(wanted)) {
      part('error').textContent = isUsed(name) ? words.tableInUse : words.wrong;
      part('error').hidden = false;
      part('name').value = name;
      return;
    }
    takeRule();
    changed(Object.fromEntries(Object.entries(tables()).map(([key, spec]) => [key === name ? wanted : key, spec])));
    name = wanted;
    draw();
  });
  part('remove').addEventListener('click', () => {
    if (isUsed(name)) {
      part('error').textContent = words.tableInUse;
      part('error').hidden = false;
      return;
    }
    const { [name]: _gone, ...rest } = tables();
    name = undefined;
    part('rule').replaceChildren();
    changed(rest);
    open(Object.keys(rest)[0]);
  });
  part('insert').addEventListener('click', () => {
    takeRule();
    dialog.close();
    place(name);
  });
  part('done').addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', takeRule);
  part('rule').addEventListener('rule-changed', () => {
    takeRule();
    lookSoon();
  });

  return (wanted, then) => {
    place = then;
    name = wanted ?? Object.keys(tables())[0];
    part('rule').replaceChildren();
    if (tables()[name] === undefined) name = undefined;
    part('insert').hidden = then === undefined;
    draw();
    dialog.showModal();
  };
}
