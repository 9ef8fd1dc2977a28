/*
 * Builds a rule out of conditions and groups, in place of the JSON in its textarea: what it says is always there, so that the form
 * sends the same with and without it. How many a rule selects is asked whenever it has changed.
 */
import { condition, copyOf, group, isReadable, read, write } from './model.js';
import { element, picker } from './picker.js';
import { parameterInput, valueInputs } from './values.js';

const nodesOf = (node) => [
  node,
  ...(node.kind === 'group' ? node.parts : Object.values(node.given).filter((each) => typeof each === 'object')).flatMap(nodesOf),
];

globalThis.behaviour('rule-builder', (field) => {
  const { fields, operators, entity, words } = JSON.parse((document.getElementById(field.dataset.builderAt) ?? field).dataset.builder);
  const part = (name, within = field) => within.querySelector(`[data-part="${name}"]`);
  const textarea = field.querySelector('textarea');
  const [tree, preview, status] = ['tree', 'preview', 'status'].map((name) => part(name));
  const known = new Map(fields.map((each) => [each.name, each]));
  const operatorsOf = (name) => operators[known.get(name)?.type] ?? [];
  const operandOf = (name, op) => operatorsOf(name).find((each) => each.op === op)?.operand;
  let root;

  const announce = (text) => {
    status.textContent = '';
    requestAnimationFrame(() => (status.textContent = text));
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');

  /* Drawing */
  const template = (name) => field.querySelector(`template[data-template="${name}"]`).content.firstElementChild.cloneNode(true);
  const drawAll = () => {
    for (const node of nodesOf(root)) node.parent = undefined;
    tree.replaceChildren(drawGroup(root, entity, undefined));
    keep();
  };

  const drawGroup = (node, about, parent) => {
    const box = template('group');
    Object.assign(node, { parent, element: box });
    const select = box.querySelector('.rule-word');
    select.value = node.word;
    select.addEventListener('change', () => {
      node.word = select.value;
      changed();
    });
    box.setAttribute('aria-label', words.group);
    box.querySelector('.rule-parts').append(
      ...node.parts.map((each) => {
        const item = element('li');
        item.append(each.kind === 'group' ? drawGroup(each, about, node) : drawCondition(each, about, node));
        return item;
      }),
    );
    if (parent === undefined) box.querySelector('.rule-head > .rule-tools').remove();
    else tools(node, box.querySelector('.rule-head > .rule-tools'));
    on(box, 'addCondition', () => insert(node, condition(), words.condition));
    on(box, 'addGroup', () => insert(node, group('any', [condition()]), words.group));
    return box;
  };

  const on = (box, act, run) =>
    [...box.querySelectorAll(`:scope > * > [data-act="${act}"]`)].at(-1).addEventListener('click', run);

  const tools = (node, box) => {
    for (const button of box.querySelectorAll('button')) {
      const { act } = button.dataset;
      if (act === 'up' || act === 'down') button.disabled = !canMove(node, act === 'up' ? -1 : 1);
      button.addEventListener('click', () => acts[act](node));
    }
  };

  const drawCondition = (node, about, parent) => {
    const box = template('condition');
    Object.assign(node, { parent, element: box });
    picker({
      input: box.querySelector('[role=combobox]'),
      list: box.querySelector('[role=listbox]'),
      fields: fields.filter((each) => each.entity === about || (about === 'person' && each.entity === 'account')),
      chosen: node.field,
      words,
      announce,
      choose: (name) => chooseField(node, name),
    });
    tools(node, box.querySelector(':scope > .rule-tools'));
    part('operator', box).addEventListener('change', (event) => {
      node.op = event.target.value;
      drawValue(node);
      changed();
    });
    drawDetails(node);
    return box;
  };

  const drawDetails = (node) => {
    const box = node.element;
    const chosen = known.get(node.field);
    const select = part('operator', box);
    const offered = operatorsOf(node.field).filter(({ op }) => op === node.op || !(chosen.isKnown && /^(un)?known$/.test(op)) || chosen.type === 'tags');
    select.hidden = offered.length === 0;
    select.replaceChildren(...offered.map(({ op, label }) => element('option', { value: op, textContent: label })));
    select.value = node.op;
    box.setAttribute('aria-label', chosen?.label ?? words.blank);
    part('parameters', box).replaceChildren(
      ...(chosen?.parameters ?? []).filter(({ type }) => type !== 'rule').map((parameter) =>
        parameterInput({
          parameter,
          value: node.given[parameter.name] ?? '',
          words,
          offers: (one) => offersOf(chosen, one),
          change: (value) => {
            node.given[parameter.name] = value;
            changed();
          },
        }),
      ),
    );
    part('inner', box).replaceChildren(
      ...(chosen?.parameters ?? []).filter(({ type }) => type === 'rule').map((parameter) => innerOf(node, parameter)),
    );
    drawValue(node);
  };

  const innerOf = (node, { name, entity: about }) => {
    const box = element('div', { className: 'rule-only' });
    const within = node.given[name];
    const toggle = element('button', { type: 'button', className: 'button quiet small', textContent: within ? words.dropOnly : words.addOnly });
    toggle.addEventListener('click', () => {
      if (node.given[name]) {
        node.kept = { ...node.kept, [name]: node.given[name] };
        delete node.given[name];
      } else node.given[name] = node.kept?.[name] ?? group('all', [condition()]);
      drawDetails(node);
      changed();
      (node.element.querySelector('.rule-only [role=combobox]') ?? node.element.querySelector('.rule-only button')).focus();
    });
    if (within) {
      const head = element('p', { className: 'muted small', textContent: words.only });
      box.append(head, drawGroup(within, about, undefined));
    }
    box.append(toggle);
    return box;
  };

  const drawValue = (node) => {
    const operand = operandOf(node.field, node.op);
    part('value', node.element).replaceChildren(
      ...valueInputs({
        operand,
        field: known.get(node.field),
        raw: node.raw[operand],
        words,
        announce,
        offers: (one) => offersOf(one),
        change: (raw) => {
          node.raw[operand] = raw;
          changed();
        },
      }),
    );
  };

  const chooseField = (node, name) => {
    const before = known.get(node.field);
    const chosen = known.get(name);
    node.field = name;
    node.value = undefined;
    if (before?.type !== chosen.type || !operatorsOf(name).some(({ op }) => op === node.op)) node.op = operatorsOf(name)[0].op;
    if (before?.type !== chosen.type) node.raw = {};
    node.given = Object.fromEntries(
      (chosen.parameters ?? [])
        .map(({ name: given, preset, type }) => [given, node.given[given] ?? (type === 'rule' || preset === undefined ? undefined : String(preset))])
        .filter(([, value]) => value !== undefined),
    );
    drawDetails(node);
    changed();
  };

  /* What exists to choose from, fetched once a field; as a datalist and as a promise. */
  const offered = new Map();
  const offersOf = (one, parameter) => {
    const key = JSON.stringify([one.name, parameter?.name]);
    if (!offered.has(key)) offered.set(key, fetchOffers(one, parameter));
    return offered.get(key);
  };
  const fetchOffers = (one, parameter) => {
    const asked = parameter ?? one;
    const list = element('datalist', { id: `${textarea.id}-offers-${offered.size}` });
    field.append(list);
    const query = new URLSearchParams({ field: one.name, ...(parameter ? { parameter: parameter.name } : {}) });
    const choices = asked.choices
      ? Promise.resolve(asked.choices)
      : asked.offers
        ? fetch(`/console/rule-choices?${query}`).then((answer) => (answer.ok ? answer.json() : []), () => [])
        : Promise.resolve([]);
    const filled = choices.then((found) => {
      list.append(...found.map(({ label }) => element('option', { value: label })));
      return found;
    });
    return Object.assign(filled, { list: list.id });
  };

  /* Acts */
  const siblingsOf = (node) => node.parent.parts;
  const placeOf = (node) =>
    fill(words.ofWhole, { n: siblingsOf(node).indexOf(node) + 1, total: siblingsOf(node).length });
  const whatOf = (node) =>
    node.kind === 'group' ? words.group : (known.get(node.field)?.label ?? words.condition);
  const focusOn = (node, selector) => node.element.querySelector(selector)?.focus();

  const insert = (parent, node, what) => {
    parent.parts.push(node);
    drawAll();
    focusOn(node, '[role=combobox]');
    announce(fill(words.added, { what, place: placeOf(node) }));
  };

  const canMove = (node, by) => {
    const siblings = siblingsOf(node);
    return siblings[siblings.indexOf(node) + by] !== undefined || node.parent.parent !== undefined;
  };

  const move = (node, by) => {
    const { parent } = node;
    const siblings = siblingsOf(node);
    const at = siblings.indexOf(node);
    const beside = siblings[at + by];
    siblings.splice(at, 1);
    if (beside === undefined) {
      const outer = parent.parent.parts;
      outer.splice(outer.indexOf(parent) + (by > 0 ? 1 : 0), 0, node);
    } else if (beside.kind === 'group' && node.kind === 'condition') beside.parts.splice(by > 0 ? 0 : beside.parts.length, 0, node);
    else siblings.splice(at + by, 0, node);
    drawAll();
    const act = by < 0 ? 'up' : 'down';
    const own = node.kind === 'group' ? ':scope > .rule-head' : ':scope';
    const button = node.element.querySelector(`${own} > .rule-tools [data-act="${act}"]`);
    (button.disabled ? node.element.querySelector(`${own} > .rule-tools [data-act="${by < 0 ? 'down' : 'up'}"]`) : button).focus();
    announce(fill(words.moved, { what: whatOf(node), place: placeOf(node) }));
  };

  const acts = {
    up: (node) => move(node, -1),
    down: (node) => move(node, 1),
    duplicate: (node) => {
      const copy = copyOf(node);
      siblingsOf(node).splice(siblingsOf(node).indexOf(node) + 1, 0, copy);
      drawAll();
      focusOn(copy, copy.kind === 'group' ? '.rule-word' : '[role=combobox]');
      announce(fill(words.duplicated, { what: whatOf(copy), place: placeOf(copy) }));
    },
    remove: (node) => {
      const { parent } = node;
      const at = siblingsOf(node).indexOf(node);
      siblingsOf(node).splice(at, 1);
      const next = parent.parts[at] ?? parent.parts[at - 1];
      drawAll();
      if (next) focusOn(next, next.kind === 'group' ? '.rule-word' : '[role=combobox]');
      else [...parent.element.querySelectorAll('[data-act="addCondition"]')].at(-1).focus();
      announce(fill(words.removed, { what: whatOf(node) }));
    },
  };

  /* Keeping and counting */
  const keep = () => {
    const rule = write(root, operandOf);
    textarea.value = JSON.stringify(rule, undefined, 2);
    field.dispatchEvent(new CustomEvent('rule-changed', { bubbles: true }));
    count();
  };
  const changed = keep;

  let waiting;
  let asking;
  /* Licenses, deals and cases are listed for each reader: nobody counts them all. */
  const count = () => {
    if (entity !== 'account' && entity !== 'person') return;
    clearTimeout(waiting);
    asking?.abort();
    preview.dataset.state = 'counting';
    waiting = setTimeout(ask, 400);
  };

  const ask = async () => {
    asking = new AbortController();
    const { signal } = asking;
    if (preview.childElementCount === 0) preview.textContent = words.counting;
    preview.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch('/console/rule-previews', {
        method: 'POST',
        body: new URLSearchParams({ entity, rule: textarea.value }),
        signal,
      });
      const html = await answer.text();
      if (signal.aborted) return;
      if (![200, 422, 503].includes(answer.status) || answer.redirected) throw new Error(String(answer.status));
      preview.innerHTML = html;
      if (root.parts.length === 0) preview.append(element('p', { className: 'muted', textContent: words.everybody }));
      preview.dataset.state = answer.status === 200 ? 'counted' : 'unfinished';
      if (answer.status === 200) status.textContent = preview.querySelector('.rule-count').textContent;
      showIssues();
    } catch {
      if (signal.aborted) return;
      preview.textContent = words.failed;
      preview.dataset.state = 'failed';
    }
    preview.removeAttribute('aria-busy');
  };

  /* What is merely not filled in yet is no error while somebody builds. */
  const unfinished = ['missing', 'unknownField', 'unknownOperator', 'emptyGroup'];
  const showIssues = () => {
    for (const node of nodesOf(root)) showError(node, undefined);
    for (const item of preview.querySelectorAll('[data-path]')) {
      const node = nodeAt(JSON.parse(item.dataset.path));
      const isGone = item.dataset.problem === 'unknownField' && node?.field !== '';
      if (unfinished.includes(item.dataset.problem) && !isGone) item.remove();
      else showError(node, item.textContent);
    }
  };

  const showError = (node, text) => {
    const box = node?.kind === 'condition' ? part('error', node.element) : undefined;
    if (!box) return;
    box.hidden = text === undefined;
    box.textContent = text ?? '';
    part('value', node.element).querySelector('.input')?.toggleAttribute('aria-invalid', text !== undefined);
  };

  const nodeAt = (path) =>
    nodesOf(root)
      .filter((node) => node.path.every((step, i) => String(path[i]) === String(step)))
      .sort((one, other) => other.path.length - one.path.length)[0];

  const start = () => {
    const rule = readable();
    if (rule === undefined) return false;
    root = read(rule, operandOf);
    drawAll();
    field.querySelector('.rule-builder').hidden = false;
    for (const { path, message } of JSON.parse(field.dataset.problems)) showError(nodeAt(path.split('.')), message);
    return true;
  };

  const readable = () => {
    try {
      const rule = JSON.parse(textarea.value);
      return isReadable(rule) ? rule : undefined;
    } catch {
      return undefined;
    }
  };

  /* Whoever prefers to write gets what they write built. */
  textarea.addEventListener('input', () => {
    const text = textarea.value;
    if (readable() === undefined) return announce(words.invalidJson);
    field.dataset.problems = '[]';
    start();
    textarea.value = text;
  });

  if (start()) field.querySelector('.rule-json').open = false;
});
