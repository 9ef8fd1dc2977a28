/*
 * The editor of a track without loading the page anew: acts are sent as the form would send them, and what comes back takes its place. The
 * keyboard stays where the act was. What was typed is part of the draft as soon as its field is left; an unsaved draft is remembered in
 * this tab until it is saved.
 */
const PARTS = '#track-editor';

globalThis.behaviour('track-editor', (form) => {
  const words = JSON.parse(form.dataset.words);
  const said = document.getElementById('track-said');
  const place = `typed:${form.dataset.keepFor}:${new URL(form.action).pathname}`;
  const memory = storage();
  let isChanged = form.hasAttribute('data-changed');
  let asking;

  /* Asking */
  const ask = async (fields) => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    form.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(form.dataset.draftsAt, {
        method: 'POST',
        body: fields,
        signal,
        redirect: 'error',
      });
      if (!answer.ok) throw new Error(String(answer.status));
      return new DOMParser().parseFromString(await answer.text(), 'text/html');
    } catch (error) {
      if (!signal.aborted) announce(words.failed, 'failed');
      return undefined;
    } finally {
      if (!signal.aborted) form.removeAttribute('aria-busy');
    }
  };

  const fieldsFor = (act) => {
    const fields = new URLSearchParams(new FormData(form));
    fields.set('act', act);
    return fields;
  };

  const announce = (text, state) => {
    said.textContent = '';
    said.classList.toggle('visually-hidden', state !== 'failed');
    said.classList.toggle('track-failed', state === 'failed');
    requestAnimationFrame(() => (said.textContent = text));
  };

  /* Putting in its place what came back */
  const perform = async (act, fields = fieldsFor(act)) => {
    clearTimeout(waiting);
    const found = await ask(fields);
    if (found === undefined) return;
    const fresh = found.querySelector(PARTS);
    const scrolled = form.querySelector('#track-panel')?.scrollTop ?? 0;
    form.replaceChildren(...fresh.childNodes);
    changedTo(fresh.hasAttribute('data-changed'));
    rule = undefined;
    form.dispatchEvent(new CustomEvent('htmx:after:swap', { bubbles: true }));
    announce(found.getElementById('track-said').textContent);
    focusAfter(act, scrolled);
  };

  /* The drawing tells what was typed, while the form stays as it is. */
  const refresh = async () => {
    const found = await ask(fieldsFor('show'));
    if (found === undefined) return;
    for (const id of ['track-flow', 'track-tools']) {
      const [old, fresh] = [document.getElementById(id), found.getElementById(id)];
      if (old.contains(document.activeElement)) restore(old, () => old.replaceWith(fresh));
      else old.replaceWith(fresh);
    }
    for (const name of ['draft', 'past', 'future'])
      form.elements[name].value = found.querySelector(`[name=${name}]`).value;
    changedTo(found.querySelector(PARTS).hasAttribute('data-changed'));
  };

  const restore = (within, replace) => {
    const { value } = document.activeElement;
    const { id } = within;
    replace();
    document
      .getElementById(id)
      .querySelector(`[name=act][value="${CSS.escape(value ?? '')}"]`)
      ?.focus({ preventScroll: true });
  };

  const changedTo = (now) => {
    isChanged = now;
    form.toggleAttribute('data-changed', now);
    if (now) memory?.setItem(place, form.elements.draft.value);
    else memory?.removeItem(place);
  };

  const focusAfter = (act, scrolled) => {
    const [verb] = act.split(':');
    const same = form.querySelector(`[name=act][value="${CSS.escape(act)}"]:not(:disabled)`);
    const title = document.getElementById('track-panel-title');
    if (verb === 'add' || verb === 'duplicate') return firstField().focus();
    if (verb === 'at' || verb === 'behind') return form.querySelector('.track-choice').focus();
    if (verb === 'remove' || act === 'keyboard') return opened()?.focus();
    if (verb === 'up' || verb === 'down') {
      if (cameFromDrawing) return opened()?.focus();
      if (same === null) return form.querySelector('.track-step-tools button:not(:disabled)')?.focus();
      document.getElementById('track-panel').scrollTop = scrolled;
      return same.focus({ preventScroll: true });
    }
    if (verb === 'undo' || verb === 'redo') return (same ?? opened())?.focus({ preventScroll: true });
    return title?.focus();
  };
  let cameFromDrawing = false;

  const opened = () => form.querySelector('.track-open[aria-current]');
  const firstField = () =>
    form.querySelector('.track-fields :is(input:not([type=hidden]), select, [role=combobox])') ??
    document.getElementById('track-panel-title');

  form.addEventListener('submit', (event) => {
    const act = event.submitter?.name === 'act' ? event.submitter.value : undefined;
    if (act === undefined || act === 'save') {
      isChanged = false;
      return;
    }
    event.preventDefault();
    cameFromDrawing = event.submitter.closest('#track-flow') !== null;
    void perform(act);
  });

  let waiting;
  const refreshLater = () => {
    isChanged = true;
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 250);
  };
  form.addEventListener('change', (event) => {
    if (event.target.closest('#track-panel') !== null) refreshLater();
  });

  /* A rule tells of itself when it is first drawn, too: that is no change. */
  let rule;
  form.addEventListener('rule-changed', (event) => {
    const { value } = event.target.querySelector('textarea');
    const isOther = rule !== undefined && rule !== value;
    rule = value;
    if (isOther) refreshLater();
  });

  /* Enter in a field of one line takes what was typed, as leaving it does. */
  form.addEventListener('keydown', (event) => {
    const { target, key } = event;
    if (key === 'Enter' && target.matches('#track-panel input') && !event.defaultPrevented) {
      event.preventDefault();
      void refresh();
      return;
    }
    const act = actOf(event);
    if (act === undefined) return;
    event.preventDefault();
    cameFromDrawing = target.closest('#track-flow') !== null;
    void perform(act);
  });

  /* Keys: in the drawing, those of a list; everywhere but in fields, undo and redo. */
  const actOf = (event) => {
    const { target, key, altKey, ctrlKey, metaKey, shiftKey } = event;
    const isCommand = ctrlKey || metaKey;
    if (isCommand && !target.matches('input:not([type=radio], [type=checkbox]), textarea')) {
      if (key.toLowerCase() === 'z') return shiftKey ? 'redo' : 'undo';
      if (key.toLowerCase() === 'y') return 'redo';
    }
    if (key === 'Escape' && target.closest('#track-panel') && !target.matches('[role=combobox]')) {
      event.preventDefault();
      (opened() ?? form.querySelector('.track-add.is-here'))?.focus();
      return undefined;
    }
    const node = target.closest('.track-open, .track-add');
    if (node === null) return undefined;
    const step = node.closest('.track-node')?.parentElement.closest('[data-step]')?.dataset.step;
    const own =
      node.matches('.track-open') && node.value.startsWith('select:') ? node.value.slice(7) : undefined;
    if (altKey && step === own && own !== undefined) {
      if (key === 'ArrowUp') return `up:${own}`;
      if (key === 'ArrowDown') return `down:${own}`;
    }
    if (!altKey && (key === 'ArrowUp' || key === 'ArrowDown')) {
      const nodes = [...form.querySelectorAll('.track-open')];
      const all = [...form.querySelectorAll('.track-open, .track-add')];
      const here = all.indexOf(node);
      const next =
        nodes[
          key === 'ArrowUp'
            ? nodes.findLastIndex((one) => all.indexOf(one) < here)
            : nodes.findIndex((one) => all.indexOf(one) > here)
        ];
      event.preventDefault();
      next?.focus();
      return undefined;
    }
    if (key === 'Insert') return own === undefined ? undefined : `behind:${own}`;
    if (own === undefined || step !== own) return undefined;
    if (key === 'Delete') return `remove:${own}`;
    if (isCommand && key.toLowerCase() === 'd') return `duplicate:${own}`;
    return undefined;
  };

  /* Nothing is lost by leaving, or by a session that ended. */
  globalThis.addEventListener('beforeunload', (event) => {
    if (isChanged) event.preventDefault();
  });
  const kept = memory?.getItem(place);
  if (document.querySelector('.notice.tone-success[role=status]')) memory?.removeItem(place);
  else if (kept && kept !== form.elements.draft.value && !isChanged) {
    const fields = fieldsFor('show');
    fields.set('past', JSON.stringify([JSON.parse(form.elements.draft.value)]));
    fields.set('draft', kept);
    fields.set('form', '');
    void perform('show', fields).then(() => announce(words.restored, 'failed'));
  }
});

function storage() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}
