/* The settings of what is selected, and the structure of the letter as a list that the keyboard walks. */
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const spacing = ['padding', 'container-background-color'];
const fieldsOf = {
  'mj-body': ['background-color', 'width'],
  'mj-wrapper': ['background-color', 'padding', 'border-radius'],
  'mj-section': ['background-color', 'padding', 'border-radius'],
  'mj-group': ['width', 'background-color'],
  'mj-column': ['width', 'background-color', 'padding', 'border-radius', 'vertical-align'],
  'mj-text': ['align', 'color', 'font-size', 'line-height', 'font-weight', ...spacing],
  'mj-button': ['text', 'href', 'align', 'background-color', 'color', 'font-size', 'border-radius', 'inner-padding', 'width', 'padding'],
  'mj-image': ['src', 'alt', 'href', 'align', 'width', 'border-radius', 'padding'],
  'mj-divider': ['border-color', 'border-width', 'width', 'padding'],
  'mj-spacer': ['height'],
  'mj-hero': ['background-color', 'height', 'padding'],
  'mj-social': ['align', 'mode', 'font-size', 'padding'],
  'mj-social-element': ['text', 'name', 'href', 'src'],
  link: ['text', 'href'],
  'mj-kept': ['kept'],
};
const choices = {
  align: ['left', 'center', 'right'],
  'vertical-align': ['top', 'middle', 'bottom'],
  mode: ['horizontal', 'vertical'],
};
const isColour = (name) => name.includes('color');

export function properties({ place, title, outline, words, labels, names, brand, canvas, pickImage, pickField, openTable, announce }) {
  const { editor } = canvas;
  let shown;

  const show = (component) => {
    if (component === shown && place.contains(document.activeElement)) return drawOutline();
    shown = component;
    const type = component?.get('type');
    title.textContent = component ? nameOf(component) : words.nothingSelected;
    place.replaceChildren(...(component ? [...fieldsFor(component, type), toolsFor(component)] : []));
    drawOutline();
  };

  const nameOf = (component) => {
    const type = component.get('type');
    return names[type] ?? type;
  };

  const fieldsFor = (component, type) => {
    const parts = (fieldsOf[type] ?? []).map((name) => fieldFor(component, name));
    const table = type === 'mj-text' ? /\{%-?\s*table\s+["']([\w-]+)["']/.exec(component.toHTML())?.[1] : undefined;
    if (table !== undefined) parts.unshift(button(words.tableSettings, () => openTable(table)));
    else if (type === 'mj-text') parts.unshift(button(words.editText, () => edit(component)));
    return parts;
  };

  const edit = (component) => {
    editor.select(component);
    component.trigger('active');
    component.view?.el.querySelector('[contenteditable]')?.focus();
  };

  const fieldFor = (component, name) => {
    const id = `property-${name}`;
    const label = element('label', { htmlFor: id, textContent: labels[name] ?? (name === 'kept' ? words.keptCode : name) });
    const input = inputFor(component, name, id);
    const field = element('div', { className: 'field' }, label, input);
    if (name === 'src') field.append(button(words.chooseImage, () => pickImage((src) => set(component, name, src))));
    if (name === 'href' || name === 'text') field.append(button(words.insertField, () => pickField((text) => set(component, name, name === 'href' ? text : `${valueOf(component, name)} ${text}`))));
    if (isColour(name)) field.append(swatches((color) => set(component, name, color)));
    return field;
  };

  const inputFor = (component, name, id) => {
    const value = valueOf(component, name);
    const options = choices[name];
    const input = options
      ? element('select', { id, className: 'input' }, element('option', { value: '', textContent: '–' }), ...options.map((each) => element('option', { value: each, textContent: each })))
      : element(name === 'kept' ? 'textarea' : 'input', { id, className: name === 'kept' ? 'input code' : 'input', autocomplete: 'off', spellcheck: name === 'text' || name === 'alt' });
    input.value = value;
    input.addEventListener('change', () => set(component, name, input.value.trim(), input));
    return input;
  };

  const valueOf = (component, name) => {
    if (name === 'text') return component.getInnerHTML?.() ?? component.get('content') ?? '';
    if (name === 'kept') return decodeURIComponent(component.getAttributes()['data-kept'] ?? '');
    return component.getAttributes()[name] ?? '';
  };

  const set = (component, name, value) => {
    if (name === 'text') component.components(value);
    else if (name === 'kept') {
      component.addAttributes({ 'data-kept': encodeURIComponent(value) });
      component.view?.render();
    } else if (value === '') component.removeAttributes(name);
    else component.addAttributes({ [name]: value });
    const input = place.querySelector(`#property-${name}`);
    if (input && shown === component) input.value = valueOf(component, name);
    canvas.settle();
    drawOutline();
  };

  const swatches = (choose) =>
    element(
      'div',
      { className: 'color-picks' },
      ...[...new Set([brand.accent, brand.ink, brand.page, '#ffffff', '#566370'])].map((color) => {
        const swatch = element('button', { type: 'button', title: color });
        swatch.setAttribute('aria-label', color);
        swatch.style.background = color;
        swatch.addEventListener('click', () => choose(color));
        return swatch;
      }),
    );

  const button = (text, act, className = 'button small') => {
    const made = element('button', { type: 'button', className, textContent: text });
    made.addEventListener('click', act);
    return made;
  };

  const toolsFor = (component) => {
    const parent = component.parent();
    const isFixed = component.get('type') === 'mj-body';
    const tools = element('div', { className: 'cluster tight editor-tools' });
    if (isFixed) return tools;
    const at = component.index();
    const up = button(words.moveUp, () => move(component, -1));
    const down = button(words.moveDown, () => move(component, 1));
    up.disabled = at === 0;
    down.disabled = at === parent.components().length - 1;
    tools.append(up, down, button(words.duplicate, () => duplicate(component)), button(words.remove, () => remove(component), 'button small danger-quiet'));
    if (parent && parent.get('type') !== 'wrapper' && parent.get('type') !== 'mjml') tools.append(button(words.parent, () => editor.select(parent), 'button small quiet'));
    return tools;
  };

  const move = (component, by) => {
    const parent = component.parent();
    const at = component.index() + by;
    component.move(parent, { at: by > 0 ? at + 1 : at });
    again(component, words.moved);
  };
  const duplicate = (component) => {
    const [copy] = [component.parent().append(component.clone(), { at: component.index() + 1 })].flat();
    again(copy, words.added);
  };
  const remove = (component) => {
    const parent = component.parent();
    const at = component.index();
    component.remove();
    const next = parent.components().at(Math.min(at, parent.components().length - 1));
    again(next ?? parent, words.removed);
  };
  const again = (component, said) => {
    shown = undefined;
    editor.select(component);
    show(component);
    canvas.settle();
    announce(said);
    outline.querySelector('[aria-current]')?.focus();
  };

  const drawOutline = () => {
    const body = editor.getWrapper()?.findType('mj-body')[0];
    const had = outline.contains(document.activeElement);
    outline.replaceChildren(...(body ? [listOf([body])] : []));
    if (had) outline.querySelector('[aria-current]')?.focus();
  };
  const listOf = (components) =>
    element(
      'ul',
      {},
      ...components.map((component) => {
        const made = element('button', { type: 'button', textContent: labelOf(component) });
        if (component === editor.getSelected()) made.setAttribute('aria-current', 'true');
        made.addEventListener('click', () => {
          editor.select(component);
          editor.Canvas.scrollTo?.(component);
          outline.querySelector('[aria-current]')?.focus();
        });
        const item = element('li', {}, made);
        const inner = component.components().filter((each) => names[each.get('type')] !== undefined && each.get('type').startsWith('mj-'));
        if (inner.length > 0) item.append(listOf(inner));
        return item;
      }),
    );
  const labelOf = (component) => {
    const type = component.get('type');
    const html = ['mj-text', 'mj-button'].includes(type) ? component.getInnerHTML() : type === 'mj-kept' ? valueOf(component, 'kept') : '';
    const text = new DOMParser().parseFromString(html.replaceAll('<br>', ' '), 'text/html').body.textContent.trim();
    return text === '' ? nameOf(component) : `${nameOf(component)}: ${text.slice(0, 36)}${text.length > 36 ? '…' : ''}`;
  };

  return { show, drawOutline };
}
