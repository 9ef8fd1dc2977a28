/*
 * The editor of messages. The page is a form that works by itself; with scripts, this holds the whole message (all languages and variants),
 * and the form's fields show one part of it.
 */
import { insert, markup, showBlocks } from './blocks.js';
import { canvas as makeCanvas } from './canvas.js';
import { keeping, post } from './keeping.js';
import { fieldPicker, imagePicker } from './pickers.js';
import { preview as makePreview } from './preview.js';
import { properties as makeProperties } from './properties.js';
import { tableSettings } from './tables.js';

const root = document.getElementById('message-editor');
const data = JSON.parse(root.dataset.editor);
const { words } = data;
const form = document.getElementById('message-form');
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const act = (name) => root.querySelector(`[data-act="${name}"]`);
const fill = (text, values) => text.replaceAll(/\{(\w+)\}/g, (_all, name) => values[name] ?? '');
const isMjml = data.content.format === 'mjml';
const isText = data.content.format === 'text';

for (const each of root.querySelectorAll('[data-scripted]')) each.hidden = false;
for (const each of root.querySelectorAll('[data-without-scripts]')) each.hidden = true;

/* What is written. A draft of one's own goes on where it was left. */
const unfinished = data.draft?.draft ?? undefined;
let state = { name: data.name, description: data.description, content: data.content, base: data.base, ...data.at };
if (unfinished?.content?.variants) state = { ...state, name: unfinished.name, description: unfinished.description, content: unfinished.content, base: data.draft.base };

const current = () => state.content.variants.find(({ locale, variant }) => locale === state.locale && variant === state.variant) ?? state.content.variants[0];
({ locale: state.locale, variant: state.variant } = current());
const draft = () => ({ base: state.base, name: state.name, description: state.description, content: state.content });

/* Steps back and forward: the whole message at each. */
const snapshot = () => JSON.stringify([state.name, state.description, state.content, state.locale, state.variant]);
const past = [];
const future = [];
let present = snapshot();
let isSaved = unfinished === undefined;

function changed() {
  const now = snapshot();
  if (now === present) return;
  const [before, after] = [JSON.parse(present), JSON.parse(now)];
  const isContent = JSON.stringify(before.slice(0, 3)) !== JSON.stringify(after.slice(0, 3));
  if (isContent) {
    past.push(present);
    if (past.length > 100) past.shift();
    future.length = 0;
    isSaved = false;
    keeper.changed();
    preview.soon();
  }
  present = now;
  tellSteps();
}

function step(from, to, said) {
  settle();
  const wanted = from.pop();
  if (wanted === undefined) return;
  to.push(present);
  present = wanted;
  const [name, description, content, locale, variant] = JSON.parse(wanted);
  state = { ...state, name, description, content, locale, variant };
  isSaved = false;
  showAll();
  keeper.changed();
  preview.soon();
  tellSteps();
  tell(said);
}
const tellSteps = () => {
  act('undo').disabled = past.length === 0;
  act('redo').disabled = future.length === 0;
};

/* The form's fields. */
const inputs = { name: 'name', description: 'description' };
const texts = ['subject', 'preheader', 'body', 'text'];
const input = (name) => form.elements.namedItem(name);

function setPart(changes) {
  const mine = current();
  const next = { ...mine, ...changes };
  if (next.text === '' || next.text === undefined) delete next.text;
  state.content = { ...state.content, variants: state.content.variants.map((each) => (each === mine ? next : each)) };
}
for (const name of Object.keys(inputs))
  input(name).addEventListener('input', () => {
    state[name] = input(name).value;
    if (name === 'name') part('title').textContent = state.name;
    changedSoon();
  });
for (const name of texts)
  input(name)?.addEventListener('input', () => {
    setPart({ [name]: input(name).value });
    changedSoon();
  });
let typing;
const changedSoon = () => {
  clearTimeout(typing);
  typing = setTimeout(changed, 300);
};
function settle() {
  clearTimeout(typing);
  design?.settle();
  changed();
}

function showAll() {
  for (const name of Object.keys(inputs)) input(name).value = state[name];
  part('title').textContent = state.name;
  showPart();
}
function showPart() {
  const mine = current();
  for (const name of texts) if (input(name)) input(name).value = mine[name] ?? '';
  input('locale').value = state.locale;
  input('variant').value = state.variant;
  showWhere();
  if (openTab === 'design') loadDesign();
}

/* Languages and variants. */
const letter = (variant) => String.fromCodePoint(65 + variant);
const hasPart = (locale, variant) => state.content.variants.some((each) => each.locale === locale && each.variant === variant);
const nearest = (locale, variant) => data.locales.find(({ code }) => code === locale).chain.find((each) => hasPart(each, variant)) ?? state.content.defaultLocale;
const nameOf = (locale) => data.locales.find(({ code }) => code === locale)?.name ?? locale;

function showWhere() {
  const { weights, defaultLocale } = state.content;
  part('locale').replaceChildren(
    ...data.locales.map(({ code, name }) => {
      const isThere = hasPart(code, state.variant);
      const label = isThere ? (code === defaultLocale ? `${name} (${words.everybody})` : name) : fill(words.addLanguage, { language: name, from: nameOf(nearest(code, state.variant)) });
      return Object.assign(document.createElement('option'), { value: code, textContent: label });
    }),
  );
  part('locale').value = state.locale;
  act('removeLanguage').disabled = state.locale === defaultLocale;
  act('removeVariant').hidden = weights.length < 2;
  act('addVariant').disabled = weights.length >= data.limits.variants;
  part('variantHint').hidden = weights.length < 2;
  const missing = data.locales.filter(({ code }) => !hasPart(code, state.variant)).map(({ name }) => name);
  part('fallback').hidden = missing.length === 0 || missing.length === data.locales.length - 1;
  part('fallback').textContent = fill(words.fallsBack, { languages: missing.join(', ') });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  part('variants').replaceChildren(
    ...(weights.length < 2 ? [] : weights.map((weight, variant) => variantButton(weight, variant, total))),
  );
}

function variantButton(weight, variant, total) {
  const box = Object.assign(document.createElement('span'), { className: 'editor-variant' });
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'button small', textContent: letter(variant) });
  button.setAttribute('aria-pressed', String(variant === state.variant));
  button.addEventListener('click', () => goTo(state.locale, variant));
  const share = Object.assign(document.createElement('input'), { type: 'number', className: 'input', min: 0, max: 1000, value: weight, title: `${Math.round((100 * weight) / (total || 1))} %` });
  share.setAttribute('aria-label', fill(words.weight, { variant: letter(variant) }));
  share.addEventListener('change', () => {
    const wanted = Math.min(Math.max(Number(share.value) || 0, 0), 1000);
    const weights = state.content.weights.map((each, at) => (at === variant ? wanted : each));
    if (weights.some((each) => each > 0)) state.content = { ...state.content, weights };
    changed();
    showWhere();
  });
  box.append(button, share);
  return box;
}

/** Goes to a language of a variant; one that is not there yet begins as a copy of what its readers would get. */
function goTo(locale, variant) {
  settle();
  if (!hasPart(locale, variant)) {
    const from = state.content.variants.find((each) => each.variant === variant && each.locale === nearest(locale, variant)) ?? current();
    state.content = { ...state.content, variants: [...state.content.variants, { ...from, locale, variant }] };
  }
  Object.assign(state, { locale, variant });
  changed();
  showPart();
  preview.soon();
}
part('locale').addEventListener('change', () => goTo(part('locale').value, state.variant));
act('removeLanguage').addEventListener('click', () => {
  settle();
  const { locale, variant } = state;
  state.content = { ...state.content, variants: state.content.variants.filter((each) => !(each.locale === locale && each.variant === variant)) };
  state.locale = state.content.defaultLocale;
  changed();
  showPart();
  preview.soon();
});
act('addVariant').addEventListener('click', () => {
  settle();
  const { weights, variants } = state.content;
  const copies = variants.filter(({ variant }) => variant === state.variant).map((each) => ({ ...each, variant: weights.length }));
  state.content = { ...state.content, weights: [...weights, weights.at(-1)], variants: [...variants, ...copies] };
  goTo(state.locale, weights.length);
});
act('removeVariant').addEventListener('click', () => {
  settle();
  const gone = state.variant;
  const { weights, variants } = state.content;
  state.content = {
    ...state.content,
    weights: weights.filter((_weight, at) => at !== gone),
    variants: variants.filter(({ variant }) => variant !== gone).map((each) => ({ ...each, variant: each.variant > gone ? each.variant - 1 : each.variant })),
  };
  if (state.content.weights.every((weight) => weight === 0)) state.content.weights[0] = 1;
  Object.assign(state, { variant: 0, locale: state.content.defaultLocale });
  changed();
  showPart();
  preview.soon();
});

/* The tabs. */
const tabs = [...root.querySelectorAll('[role=tab]')];
let openTab = '';
function open(name) {
  settle();
  openTab = name;
  for (const tab of tabs) {
    const isOpen = tab.id === `tab-${name}`;
    tab.setAttribute('aria-selected', String(isOpen));
    tab.tabIndex = isOpen ? 0 : -1;
    root.querySelector(`#${tab.getAttribute('aria-controls')}`).hidden = !isOpen;
  }
  if (name === 'design') loadDesign();
  if (name === 'preview' || name === 'plain') void preview.now();
}
for (const [at, tab] of tabs.entries()) {
  tab.addEventListener('click', () => open(tab.id.slice(4)));
  tab.addEventListener('keydown', (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const next = tabs[(at + by + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
}

/* What is told. */
const tell = (key, values = {}) => (part('state').textContent = fill(words[key] ?? key, values));
const notices = part('notices');
function notice(text, ...more) {
  const box = Object.assign(document.createElement('div'), { className: 'notice tone-warning' });
  const line = Object.assign(document.createElement('p'), { textContent: text });
  box.append(line, ...more);
  notices.replaceChildren(box);
}
function aroundTold({ version, name, others }) {
  if (version > state.base) notice(fill(words.newerVersion, { name: name ?? '', version }));
  else if (others.length > 0) notice(others.map((each) => fill(each.savedAt === null ? words.othersLook : words.othersEdit, { name: each.name })).join(' '));
  else notices.replaceChildren();
}

/* Windows. */
const pickField = fieldPicker({ fields: data.fields, words });
const pickImage = imagePicker({ words });
const isUsed = (table) => state.content.variants.some(({ body, subject, text = '' }) => new RegExp(`table\\s+["']${table}["']`).test(`${subject}${body}${text}`));
const openTables = tableSettings({
  ...data,
  isUsed,
  localeOf: () => state.locale,
  look: async (table) => {
    const asked = JSON.stringify({ table, locale: state.locale, person: preview.person() });
    const answer = await post(`/console/messages/${data.id}/table-previews`, asked).catch(() => undefined);
    return answer?.ok ? await answer.json() : undefined;
  },
  tables: () => state.content.tables,
  changed: (tables) => {
    state.content = { ...state.content, tables };
    changed();
  },
});
const insertAt = (field, text) => {
  const [from, to] = [field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length];
  field.setRangeText(text, from, to, 'end');
  field.focus();
  field.dispatchEvent(new Event('input', { bubbles: true }));
};
const sourceField = () => input('body');
for (const button of root.querySelectorAll('[data-act="field"]'))
  button.addEventListener('click', () => pickField((text) => insertAt(document.getElementById(button.dataset.for), text)));
act('tables')?.addEventListener('click', () => openTables(undefined, (name) => insertAt(sourceField(), isMjml ? `<mj-text>{% table "${name}" %}</mj-text>` : `{% table "${name}" %}`)));
act('images')?.addEventListener('click', () => pickImage((src) => insertAt(sourceField(), isMjml ? `<mj-image src="${src}" alt="" />` : `<img src="${src}" alt="">`)));
act('takeText')?.addEventListener('click', () => {
  const field = input('text');
  field.value = part('plain').textContent;
  field.dispatchEvent(new Event('input', { bubbles: true }));
});

/* What it comes out as. */
const checkMark = (severity) => document.querySelector(`#check-marks`).content.querySelector(`[data-severity="${severity}"]`).firstElementChild.cloneNode(true);
function showChecks(problems) {
  part('checkCount').textContent = problems.length === 0 ? '' : problems.length;
  part('noChecks').hidden = problems.length > 0;
  part('checks').replaceChildren(
    ...problems.map(({ severity, text, where }) => {
      const item = Object.assign(document.createElement('li'), { className: severity === 'error' ? 'is-wrong' : 'is-warned' });
      const line = Object.assign(document.createElement('span'), { textContent: text });
      if (where) line.append(' ', Object.assign(document.createElement('span'), { className: 'muted small', textContent: where }));
      item.append(checkMark(severity), line);
      return item;
    }),
  );
}
const preview = makePreview({
  root,
  id: data.id,
  words,
  wanted: () => {
    const mine = current();
    const content = { ...state.content, defaultLocale: mine.locale, weights: [1], variants: [{ ...mine, variant: 0 }] };
    return { content, locale: mine.locale, variant: 0 };
  },
  show: ({ problems }) => showChecks([...problems.map((each) => ({ ...each, where: nameOf(state.locale) })), ...elsewhere()]),
});
/* What the last save found in the parts that are not shown. */
let savedProblems = data.problems;
const elsewhere = () => savedProblems.filter(({ locale, variant }) => locale !== undefined && !(locale === state.locale && variant === state.variant));

const keeper = keeping({
  id: data.id,
  person: root.dataset.person,
  draft,
  tell: (key) => tell(key),
  around: aroundTold,
});

/* Saving: everything at once, as the next version. */
const conflict = document.getElementById('dialog-conflict');
let isSaving = false;
async function save() {
  settle();
  if (isSaving) return false;
  isSaving = true;
  tell('saving');
  try {
    const sent = snapshot();
    const answer = await post(`/console/messages/${data.id}/saves`, JSON.stringify(draft()));
    const told = await answer.json();
    if (answer.status === 409) {
      conflict.querySelector('[data-part="text"]').textContent = fill(words.newerVersion, { name: told.name ?? '', version: told.version });
      conflict.dataset.version = told.version;
      tell('conflict');
      keeper.changed();
      conflict.showModal();
      return false;
    }
    if (!answer.ok) {
      notice([words.wrong, ...(told.errors ?? []).map(({ field, text }) => `${words[field] ?? field}: ${text}`)].join(' '));
      tell('unsaved');
      return false;
    }
    state.base = told.version;
    input('base').value = told.version;
    part('version').textContent = fill(words.saved, { version: told.version });
    savedProblems = told.problems;
    showChecks(told.problems);
    part('draft')?.remove();
    notices.replaceChildren();
    keeper.done();
    isSaved = snapshot() === sent;
    if (!isSaved) keeper.changed();
    tell('savedAt', { time: new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' }) });
    return true;
  } catch {
    tell('notKept');
    return false;
  } finally {
    isSaving = false;
  }
}
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void save();
});
conflict.querySelector('[data-part="mine"]').addEventListener('click', () => {
  state.base = Number(conflict.dataset.version);
  conflict.close();
  void save();
});
conflict.querySelector('[data-part="close"]').addEventListener('click', () => conflict.close());

/* A test to oneself is of what was saved: the version that would be sent. */
act('test')?.addEventListener('click', async () => {
  settle();
  if (!isSaved && !(await save())) return;
  if (preview.person() === null) await preview.now();
  tell('testing');
  const { locale, variant } = state;
  const answer = await post(`/console/messages/${data.id}/test-sends`, JSON.stringify({ locale, variant, person: preview.person() ?? 0 })).catch(() => undefined);
  const told = await answer?.json().catch(() => undefined);
  if (answer?.ok) tell('testSent', { to: told.to });
  else notice(told?.errors?.map(({ text }) => text).join(' ') ?? words.notTested);
});

document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.closest?.('dialog')) return;
  const key = event.key.toLowerCase();
  if (key === 's') {
    event.preventDefault();
    void save();
  } else if (key === 'z' && !event.shiftKey) {
    event.preventDefault();
    step(past, future, 'undone');
  } else if (key === 'y' || (key === 'z' && event.shiftKey)) {
    event.preventDefault();
    step(future, past, 'redone');
  }
});
act('undo').addEventListener('click', () => step(past, future, 'undone'));
act('redo').addEventListener('click', () => step(future, past, 'redone'));
addEventListener('beforeunload', (event) => {
  settle();
  if (keeper.left() !== undefined) event.preventDefault();
});

/* The canvas. */
const icons = (name) => document.querySelector('#block-icons').content.querySelector(`[data-block="${name}"]`).firstElementChild.cloneNode(true);
let design;
let settings;
let shownSource;

function useBlock(name, label, isForDrag = false) {
  const source = markup(name, { label, sample: words.text, words: data.footer[state.locale] ?? data.footer.en });
  if (source !== undefined) {
    if (!isForDrag) put(source, label);
    return source;
  }
  if (name === 'field') pickField((text) => put(`<mj-text>${text}</mj-text>`, label));
  if (name === 'table') openTables(undefined, (table) => put(`<mj-text padding="2px 28px 22px" css-class="px">{% table "${table}" %}</mj-text>`, label));
  return undefined;
}
function put(source, label) {
  if (source.startsWith('<mj-image'))
    return pickImage((src, { width }) => place(source.replace('src=""', `src="${src}"`).replace('alt=""', `alt="" width="${Math.min(width, 528)}px"`), label));
  return place(source, label);
}
function place(source, label) {
  if (insert(design.editor, source) === undefined) return;
  design.settle();
  settings.drawOutline();
  tell('added', { block: label });
}

async function loadDesign() {
  const { body } = current();
  if (design === undefined) {
    design = makeCanvas({
      place: part('canvas'),
      words,
      pickImage,
      pickField,
      selected: (component) => settings?.show(component),
      changed: (source) => {
        shownSource = source;
        setPart({ body: source });
        input('body').value = source;
        changed();
        settings?.drawOutline();
      },
    });
    settings = makeProperties({
      place: part('properties'), title: part('propertyTitle'), outline: part('outline'), words, labels: data.properties, names: data.components, brand: data.brand,
      canvas: design, pickImage, pickField, openTable: (name) => openTables(name), announce: (text) => tell(text),
    });
    showBlocks(part('blocks'), data.blocks, { words, icons, use: useBlock, editor: design.editor });
    await design.ready;
  }
  if (body === shownSource) return;
  if (design.load(body)) shownSource = body;
  else {
    shownSource = undefined;
    open('source');
    notice(words.notRead);
  }
}

/* Channels that show text alone: the same blocks, those that they cannot show switched off, with the reason. */
if (isText) {
  const useText = (name) => {
    if (name === 'field') pickField((text) => insertAt(sourceField(), text));
    else if (name === 'table') openTables(undefined, (table) => insertAt(sourceField(), `{% table "${table}" %}`));
    else if (name === 'condition') insertAt(sourceField(), '{% if account.name %}\n\n{% endif %}');
    else if (name === 'button') insertAt(sourceField(), 'https://');
    else insertAt(sourceField(), words.text);
  };
  showBlocks(part('textBlocks'), data.blocks, { words, icons, use: useText });
}

/* What this browser kept and the server never got goes before an older draft. */
const left = keeper.left();
if (left?.content?.variants && left.base === state.base && JSON.stringify(left.content) !== JSON.stringify(state.content)) {
  Object.assign(state, { name: left.name, description: left.description, content: left.content });
  present = snapshot();
  isSaved = false;
  tell('restoredLocal');
}
({ locale: state.locale, variant: state.variant } = current());
showAll();
present = snapshot();
showChecks(data.problems);
open(isMjml ? 'design' : 'source');
void preview.now();
root.dataset.ready = 'yes';
