/* The blocks that a message is put together from: by a click or Enter after what is selected, or dragged to where they should be. */
const kept = (code) => `<mj-kept data-kept="${encodeURIComponent(code)}"></mj-kept>`;

const mj = {
  section: () => '<mj-section><mj-column><mj-text>…</mj-text></mj-column></mj-section>',
  columns: () => '<mj-section><mj-column><mj-text>…</mj-text></mj-column><mj-column><mj-text>…</mj-text></mj-column></mj-section>',
  title: ({ label }) => `<mj-text css-class="px title" font-size="28px" line-height="35px" font-weight="700">${label}</mj-text>`,
  text: ({ sample }) => `<mj-text>${sample}</mj-text>`,
  button: ({ label }) => `<mj-button css-class="px button wide" href="https://">${label}</mj-button>`,
  image: () => '<mj-image src="" alt="" padding="0 36px 16px"></mj-image>',
  divider: () => '<mj-divider border-width="1px" border-color="#dbe2e8" padding="8px 36px 20px"></mj-divider>',
  spacer: () => '<mj-spacer height="24px"></mj-spacer>',
  footer: ({ words }) =>
    `<mj-text css-class="px muted" font-size="13px" line-height="20px" color="#566370"><a href="{{ links.preferences }}" style="color:#566370">${words.preferences}</a> &nbsp;·&nbsp; <a href="{{ links.unsubscribe }}" style="color:#566370">${words.unsubscribe}</a></mj-text>`,
  condition: ({ sample }) => `${kept('{% if account.name %}')}<mj-text>${sample}</mj-text>${kept('{% endif %}')}`,
  social: () =>
    '<mj-social mode="horizontal" icon-size="20px"><mj-social-element name="linkedin" href="https://">LinkedIn</mj-social-element></mj-social>',
};

/** The markup of a block; undefined for those that ask something first. */
export const markup = (name, given) => mj[name]?.(given);

const columnTypes = new Set(['mj-column', 'mj-hero']);
const sectionTypes = new Set(['mj-section', 'mj-wrapper']);

const typeOf = (component) => component?.get('type') ?? '';
const nearest = (component, types) => {
  for (let at = component; at; at = at.parent()) if (types.has(typeOf(at))) return at;
  return undefined;
};
const within = (component, types) => {
  const found = [...types].flatMap((type) => component.findType(type));
  return found.at(-1);
};

/** Puts markup in after what is selected, or at the end of the letter. @returns the new component */
export function insert(editor, source) {
  const isRow = /^<mj-(section|wrapper)/.test(source);
  const selected = editor.getSelected();
  const body = editor.getWrapper().findType('mj-body')[0];
  if (body === undefined) return undefined;
  const [added] = isRow ? addRow(body, selected, source) : addToColumn(body, selected, source);
  if (added) {
    editor.select(added);
    editor.Canvas.scrollTo?.(added);
  }
  return added;
}

function addRow(body, selected, source) {
  const section = nearest(selected, new Set(['mj-section']));
  const wrapper = nearest(selected, new Set(['mj-wrapper'])) ?? body.findType('mj-wrapper').at(-1) ?? body;
  const parent = section?.parent() ?? wrapper;
  return parent.append(source, { at: section ? section.index() + 1 : parent.components().length });
}

function addToColumn(body, selected, source) {
  const own = nearest(selected, columnTypes);
  const column = own ?? within(nearest(selected, sectionTypes) ?? body.findType('mj-wrapper').at(-1) ?? body, columnTypes);
  if (column === undefined) return addRow(body, selected, `<mj-section><mj-column>${source}</mj-column></mj-section>`);
  let child = own ? selected : undefined;
  while (child && child.parent() !== column) child = child.parent();
  return column.append(source, { at: child ? child.index() + 1 : column.components().length });
}

/** Draws the list of blocks. */
export function showBlocks(place, blocks, { words, icons, use, editor }) {
  place.replaceChildren(
    ...blocks.map(({ name, label, missing }) => {
      const item = document.createElement('li');
      const button = document.createElement('button');
      Object.assign(button, { type: 'button', className: 'editor-block', disabled: missing.length > 0 });
      button.dataset.block = name;
      button.append(icons(name), label);
      if (missing.length > 0) {
        const why = document.createElement('span');
        why.className = 'hint';
        why.textContent = words.unsupported.replace('{channels}', missing.join(', '));
        button.append(why);
      }
      button.addEventListener('click', () => use(name, label));
      if (editor && markup(name, { label, sample: '', words: {} }) !== undefined) dragging(button, editor, () => use(name, label, true));
      item.append(button);
      return item;
    }),
  );
}

function dragging(button, editor, sourceOf) {
  button.draggable = true;
  button.addEventListener('dragstart', (event) => {
    const block = editor.Blocks.get(button.dataset.block) ?? editor.Blocks.add(button.dataset.block, { label: '', content: '' });
    block.set('content', sourceOf());
    editor.Blocks.startDrag(block, event);
  });
  button.addEventListener('dragend', () => editor.Blocks.endDrag());
}
