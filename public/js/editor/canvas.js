/* The canvas: GrapesJS with MJML, without its own panels. What surrounds it is ours, so that the keyboard reaches it and it looks like the rest. */
import { fromCanvas, keptText, toCanvas } from './round-trip.js';

const drawnTypes = [
  'mj-body', 'mj-wrapper', 'mj-section', 'mj-group', 'mj-column', 'mj-text', 'mj-button', 'mj-image', 'mj-divider', 'mj-spacer', 'mj-hero', 'mj-social',
  'mj-social-element', 'mj-navbar', 'mj-navbar-link',
];
const TABLE = `.rapport-table { padding: 14px 16px; border: 1px dashed #8a97a5; border-radius: 6px; background: #f3f6f8; color: #44525f; font: 12px/18px ui-monospace, monospace; text-align: center; }`;
const escaped = (value) => String(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/**
 * @param changed called when what the canvas holds has changed
 * @param selected called with the selected component, or nothing
 * @param pickImage called with what to do with the address of a picture
 */
export function canvas({ place, words, changed, selected, pickImage, pickField }) {
  let aside = { open: '<mjml>', head: '' };
  let known = '';
  let isLoading = true;
  const plugin = globalThis['grapesjs-mjml'].default ?? globalThis['grapesjs-mjml'];

  const editor = globalThis.grapesjs.init({
    container: place,
    height: '100%',
    width: 'auto',
    storageManager: false,
    telemetry: false,
    cssIcons: '',
    noticeOnUnload: false,
    showOffsets: false,
    panels: { defaults: [] },
    blockManager: { custom: true },
    layerManager: { custom: true },
    styleManager: { custom: true },
    traitManager: { custom: true },
    selectorManager: { custom: true },
    undoManager: { maximumStackLength: 1 },
    assetManager: { custom: { open: ({ options }) => pickImage((src) => options.target?.addAttributes({ src })) }, upload: false },
    deviceManager: { devices: [{ id: 'desktop', name: 'desktop', width: '' }] },
    plugins: [plugin],
    pluginsOpts: {
      [plugin]: { fonts: {}, resetBlocks: true, resetDevices: false, useCustomTheme: false, customComponents: [withHead, plain] },
    },
  });

  /* Each element is drawn by itself: it needs the head's defaults to look as it will. */
  function withHead(_editor, { opt }) {
    const draw = opt.mjmlParser;
    opt.mjmlParser = (source, options) =>
      draw(typeof source === 'string' ? source.replace('<mjml>', `<mjml>${headOfDrawing()}`) : source, options);
  }
  const headOfDrawing = () => {
    const attributes = /<mj-attributes>[\s\S]*?<\/mj-attributes>/i.exec(aside.head)?.[0];
    return attributes === undefined ? '' : `<mj-head>${attributes}</mj-head>`;
  };

  /* No defaults of the editor's own: what is not said is the head's to say. And what stands beside the elements is shown as a mark. */
  function plain(inner) {
    for (const type of drawnTypes)
      inner.Components.addType(type, {
        model: {
          defaults: { 'style-default': {} },
          getAttrToHTML() {
            const { style: _style, id: _id, ...attributes } = this.get('attributes');
            return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, escaped(value)]));
          },
          getMjmlAttributes() {
            const { style: _style, ...attributes } = this.get('attributes') ?? {};
            return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, escaped(value)]));
          },
        },
      });
    inner.Components.addType('mj-kept', {
      isComponent: (element) => element.tagName === 'MJ-KEPT' && { type: 'mj-kept' },
      model: {
        defaults: { tagName: 'mj-kept', droppable: false, stylable: false, copyable: true },
        toHTML() {
          return keptText(this.getAttributes()['data-kept'] ?? '');
        },
      },
      view: {
        tagName: 'div',
        onRender() {
          const text = keptText(this.model.getAttributes()['data-kept'] ?? '');
          this.el.textContent = text.length > 120 ? `${text.slice(0, 120)}…` : text;
          this.el.style.cssText =
            'margin:4px auto;padding:4px 10px;max-width:560px;border:1px dashed #8a97a5;border-radius:4px;background:#f3f6f8;color:#44525f;font:12px/18px ui-monospace,monospace;overflow:hidden;text-overflow:ellipsis;';
        },
      },
    });
  }

  function styleCanvas() {
    const page = editor.Canvas.getDocument();
    if (!page) return;
    const styles = [...aside.head.matchAll(/<mj-style[^>]*>([\s\S]*?)<\/mj-style>/gi)].map(([, css]) => css).join('\n');
    const element = page.getElementById('mail-styles') ?? page.head.appendChild(Object.assign(page.createElement('style'), { id: 'mail-styles' }));
    element.textContent = `${styles.replaceAll(/prefers-color-scheme\s*:\s*dark/g, 'max-width:0')}\nhtml{color-scheme:only light}\n${TABLE}`;
    page.documentElement.lang = document.documentElement.lang;
    page.title = words.layout;
    editor.Canvas.getFrameEl().title = words.layout;
  }

  /* A table is known for each reader alone: where it will be, a box stands for it. The mark is the canvas's own, and no part of the message. */
  function markTables() {
    for (const place of editor.Canvas.getDocument()?.querySelectorAll('mj-text div, [data-gjs-type="mj-text"] div') ?? [])
      if (place.childElementCount === 0) place.classList.toggle('rapport-table', /^\s*\{%-?\s*table\s[^%]*%\}\s*$/.test(place.textContent));
  }

  const current = () => fromCanvas(editor.getHtml(), aside);
  const check = () => {
    if (isLoading) return;
    const now = current();
    if (now === known) return;
    known = now;
    changed(now);
  };
  let waiting;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      markTables();
      check();
    }, 120);
  };
  for (const event of ['component:add', 'component:remove', 'component:update', 'component:input', 'component:drag:end', 'rte:disable', 'update'])
    editor.on(event, soon);
  editor.on('component:selected component:deselected', () => selected(editor.getSelected()));
  editor.RichTextEditor.add('mergeField', {
    icon: '<b>{ }</b>',
    attributes: { title: words.insertField },
    result: (rte) => pickField((text) => rte.insertHTML(escapedText(text))),
  });

  return {
    editor,
    /** Shows a source. @returns false when it cannot be drawn: then the canvas is left alone */
    load(source) {
      const parts = toCanvas(source);
      if (parts === undefined) return false;
      isLoading = true;
      aside = parts;
      editor.setComponents(`${parts.open}${parts.body}</mjml>`);
      styleCanvas();
      known = current();
      isLoading = false;
      markTables();
      setTimeout(markTables, 500);
      selected(undefined);
      return true;
    },
    /** Says what is being typed at once, before something else needs it. */
    settle() {
      clearTimeout(waiting);
      check();
    },
    ready: new Promise((resolve) => editor.onReady(() => resolve())),
  };
}

const escapedText = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
