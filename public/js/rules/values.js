/* What a condition is compared with, and what its field is told: inputs that fit. Each calls `change` with what was typed. */
import { element } from './picker.js';

/** The inputs of a condition's value. */
export function valueInputs({ operand, field, raw, words, offers, announce, change }) {
  const single = (properties) => [typed({ ...properties, value: raw ?? '', change })];
  const pair = (type) => {
    const values = [raw?.[0] ?? '', raw?.[1] ?? ''];
    const at = (i, label) =>
      typed({
        type,
        label,
        value: values[i],
        change: (text) => {
          values[i] = text;
          change([...values]);
        },
      });
    return [at(0, words.from), element('span', { textContent: words.and, className: 'muted' }), at(1, words.to)];
  };
  const inputs = {
    none: () => [],
    text: () => single({ label: words.value }),
    number: () => single({ type: 'number', label: words.value }),
    numbers: () => pair('number'),
    date: () => single({ type: 'date', label: words.value }),
    dates: () => pair('date'),
    days: () => [...single({ type: 'days', label: words.days }), unit(words.days)],
    boolean: () => [yesOrNo(raw, words, change)],
    texts: () =>
      field.choices && field.choices.length <= 8
        ? [checks(field.choices, raw ?? [], change)]
        : [tokens({ values: raw ?? [], choices: offers(field), words, announce, change })],
  };
  return inputs[operand]?.() ?? [];
}

const unit = (text) => element('span', { textContent: text, className: 'muted' });

/* Numbers are typed as text: an input of type number forgets what is none. */
function typed({ type = 'text', label, value, change, placeholder = '', list }) {
  const isNumber = type === 'number' || type === 'days';
  const input = element('input', {
    className: `input ${isNumber ? 'rule-number' : type === 'date' ? 'rule-date' : 'rule-text'}`,
    type: isNumber ? 'text' : type,
    value,
    placeholder,
    autocomplete: 'off',
  });
  if (isNumber) input.inputMode = type === 'days' ? 'numeric' : 'decimal';
  else if (type === 'text') input.maxLength = 255;
  if (label) input.setAttribute('aria-label', label);
  if (list) input.setAttribute('list', list);
  input.addEventListener('input', () => change(input.value));
  return input;
}

function yesOrNo(raw, words, change) {
  const select = element('select', { className: 'input rule-text' }, { 'aria-label': words.value });
  select.append(option('true', words.yes), option('false', words.no));
  select.value = raw ?? 'true';
  if (raw === undefined) change('true');
  select.addEventListener('change', () => change(select.value));
  return select;
}

const option = (value, label) => element('option', { value, textContent: label });

function checks(choices, chosen, change) {
  const box = element('span', { className: 'rule-checks' });
  const inputs = choices.map(({ value, label }) => {
    const line = element('label', { className: 'check' });
    const input = element('input', { type: 'checkbox', value, checked: chosen.includes(value) });
    line.append(input, element('span', { textContent: label }));
    box.append(line);
    return input;
  });
  box.addEventListener('change', () => change(inputs.filter((input) => input.checked).map(({ value }) => value)));
  return box;
}

/** Several values: each a button that removes it, and an input that takes the next, or chooses from what exists. */
function tokens({ values, choices, words, announce, change }) {
  const box = element('span', { className: 'rule-tokens' });
  let known = [];
  const kept = [...values];
  const labelOf = (value) => known.find((each) => each.value === value)?.label ?? value;
  const input = typed({
    label: words.values,
    placeholder: words.typeValue,
    value: '',
    change: () => tell(),
    list: choices.list,
  });
  const valueTyped = () => {
    const text = input.value.trim();
    return known.find((each) => each.label.toLowerCase() === text.toLowerCase())?.value ?? text;
  };
  const tell = () => {
    const waiting = valueTyped();
    change(waiting === '' || kept.includes(waiting) ? [...kept] : [...kept, waiting]);
  };
  /* The input stays where it is: moved, it would lose the focus while somebody types. */
  const draw = () => {
    for (const old of box.querySelectorAll('.rule-chip')) old.remove();
    input.before(...kept.map(chip));
  };
  const chip = (value) => {
    const button = element(
      'button',
      { type: 'button', className: 'rule-chip', textContent: labelOf(value) },
      { 'aria-label': words.removeValue.replace('{value}', labelOf(value)) },
    );
    button.append(element('span', { textContent: '×' }, { 'aria-hidden': 'true' }));
    button.addEventListener('click', () => {
      kept.splice(kept.indexOf(value), 1);
      announce(words.valueRemoved.replace('{value}', labelOf(value)));
      draw();
      tell();
      input.focus();
    });
    return button;
  };
  const add = () => {
    const value = valueTyped();
    if (value === '') return;
    if (!kept.includes(value)) kept.push(value);
    input.value = '';
    announce(words.valueAdded.replace('{value}', labelOf(value)));
    draw();
    tell();
  };
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      add();
    } else if (event.key === 'Backspace' && input.value === '' && kept.length > 0) {
      box.querySelector('.rule-chip:last-of-type').click();
    }
  });
  input.addEventListener('change', add);
  choices.then((found) => {
    known = found;
    draw();
  });
  box.append(input);
  draw();
  return box;
}

/** The input of a parameter that is a text, a choice or a number of days. */
export function parameterInput({ parameter, value, words, offers, change }) {
  const label = element('label', { className: 'rule-parameter' });
  label.append(element('span', { textContent: parameter.label, className: 'muted small' }));
  label.append(parameter.type === 'choice' ? chosenOf() : typedOf());
  return label;

  function typedOf() {
    const isDays = parameter.type === 'days';
    const choices = isDays ? undefined : offers(parameter);
    return typed({ type: isDays ? 'days' : 'text', value, placeholder: parameter.anything ?? '', list: choices?.list, change });
  }

  function chosenOf() {
    const select = element('select', { className: 'input rule-text' });
    const fill = (choices) => {
      const missing = choices.some((each) => each.value === value) ? [] : [option(value ?? '', value ?? '')];
      select.replaceChildren(...missing, ...choices.map((each) => option(each.value, each.label)));
      select.value = value ?? '';
    };
    fill(parameter.choices ?? []);
    if (parameter.choices === undefined) offers(parameter).then(fill);
    select.addEventListener('change', () => change((value = select.value)));
    return select;
  }
}
