/*
 * Shows messages in the pages of a product, one after the other: above the page (banner), at its side (slide-in) or in the middle (modal). The sensor loads it when
 * there is something to show. What messages say is text alone, in a tree of its own: neither page nor message can touch the other.
 */
const words = { de: 'Schließen', es: 'Cerrar', fr: 'Fermer', it: 'Chiudi', ja: '閉じる', pt: 'Fechar' };
const close = words[document.documentElement.lang.slice(0, 2)] ?? 'Close';

const looks = `
  :host { all: initial; --back: #fff; --ink: #1b1f24; --line: #d0d7de; --accent: #0b6e8f; }
  * { box-sizing: border-box; }
  .message { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); border: 1px solid var(--line);
    box-shadow: 0 8px 28px rgb(0 0 0 / 25%); padding: 16px 56px 16px 20px; z-index: 2147483000; max-height: 90vh; overflow: auto; }
  .banner { position: fixed; inset: 0 0 auto; border-width: 0 0 1px; }
  .slide-in { position: fixed; right: 16px; bottom: 16px; width: min(384px, calc(100vw - 32px)); border-radius: 10px; }
  .modal { width: min(512px, calc(100vw - 32px)); border-radius: 10px; }
  .modal::backdrop { background: rgb(0 0 0 / 50%); }
  h2 { font: 600 18px/1.35 system-ui, sans-serif; margin: 0 0 4px; }
  p { margin: 0; white-space: pre-line; overflow-wrap: anywhere; }
  ul { display: flex; flex-wrap: wrap; gap: 8px; list-style: none; margin: 12px 0 0; padding: 0; }
  a { display: inline-block; padding: 8px 16px; border-radius: 6px; background: var(--accent); color: #fff; text-decoration: none; }
  button { position: absolute; top: 10px; right: 10px; width: 36px; height: 36px; border: 0; border-radius: 6px; background: none; color: inherit;
    font: 22px/1 system-ui, sans-serif; cursor: pointer; }
  button:hover { background: rgb(127 127 127 / 20%); }
  a:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  @media (prefers-color-scheme: dark) { :host { --back: #1b1f24; --ink: #f0f3f6; --line: #57606a; --accent: #1f7fa3; } }
  @media (prefers-reduced-motion: no-preference) {
    .slide-in { animation: in 0.25s ease-out; }
    @keyframes in { from { transform: translateY(24px); opacity: 0; } }
  }
`;

export function show(messages, { key, origin }) {
  const [message, ...others] = messages;
  if (!message) return;
  const host = document.createElement('div');
  host.dataset.rapport = 'message';
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(looks);
  root.adoptedStyleSheets = [sheet];

  let isOver = false;
  const tell = (act) =>
    fetch(`${origin}/v1/messages/acts`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ writeKey: key, id: message.id, act }),
      keepalive: true,
    }).catch(() => undefined);
  const end = (act) => {
    if (isOver) return;
    isOver = true;
    tell(act);
    /* A link that is there no more leads nowhere. */
    setTimeout(() => {
      host.remove();
      show(others, { key, origin });
    });
  };

  const isModal = message.layout === 'modal';
  const box = element(isModal ? 'dialog' : 'section', '');
  box.className = `message ${message.layout}`;
  box.setAttribute('aria-labelledby', 'title');
  const title = element('h2', message.title || document.title);
  title.id = 'title';
  const text = element('p', message.text);
  const button = element('button', '×');
  button.type = 'button';
  button.setAttribute('aria-label', close);
  button.addEventListener('click', () => end('dismissed'));
  box.append(title, text, linksOf(message, end), button);
  box.addEventListener('cancel', () => end('dismissed'));
  box.addEventListener('keydown', ({ key: pressed }) => pressed === 'Escape' && end('dismissed'));

  /* What is put into a place that is announced is read out, without taking anybody away from what they do. */
  const place = element('div', '');
  if (!isModal) place.setAttribute('aria-live', 'polite');
  root.append(place);
  document.body.append(host);
  place.append(box);
  if (isModal) box.showModal();

  whenLookedAt(() => !isOver && tell('seen'));
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function linksOf({ actions }, end) {
  const list = element('ul', '');
  for (const { text, uri } of actions) {
    if (!/^https?:/.test(uri)) continue;
    const link = element('a', text);
    link.href = uri;
    link.addEventListener('click', () => end('clicked'));
    const item = element('li', '');
    item.append(link);
    list.append(item);
  }
  return list.children.length > 0 ? list : '';
}

function whenLookedAt(then) {
  if (document.visibilityState === 'visible') then();
  else document.addEventListener('visibilitychange', () => whenLookedAt(then), { once: true });
}
