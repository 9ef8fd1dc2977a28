/* How the message comes out: made by the server as it will be sent, with the values of a person, a moment after something was written. */
import { post } from './keeping.js';

const WAIT = 500;

export function preview({ root, id, words, wanted, show }) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [frame, plain, subject, who, error, input, people, text] = ['frame', 'plain', 'previewSubject', 'previewFor', 'previewError', 'person', 'people', 'previewText'].map(part);
  let person = null;
  let scheme = 'light';
  let waiting;
  let asked = 0;

  const draw = async () => {
    const number = (asked += 1);
    const answer = await post(`/console/messages/${id}/previews`, JSON.stringify({ ...wanted(), person, scheme })).catch(() => undefined);
    const made = await answer?.json().catch(() => undefined);
    if (number !== asked) return;
    const isMade = answer?.ok === true && made !== undefined;
    const trouble = isMade ? made.failureTold : (made?.errors?.map((each) => each.text).join(' ') ?? words.previewFails);
    if (error) {
      error.hidden = trouble === undefined;
      error.textContent = trouble ?? '';
    }
    if (!isMade) return;
    if (frame) frame.srcdoc = made.html;
    if (plain) plain.textContent = made.text;
    if (text) text.textContent = made.text;
    subject.textContent = made.subject;
    who.textContent = made.person ? words.previewOf.replace('{name}', made.person.name) : words.previewNobody;
    person = made.person?.id ?? null;
    show(made);
  };

  for (const button of root.querySelectorAll('#panel-preview [data-width]'))
    button.addEventListener('click', () => {
      press(button, '[data-width]');
      frame.width = button.dataset.width;
    });
  for (const button of root.querySelectorAll('#panel-preview [data-scheme]'))
    button.addEventListener('click', () => {
      press(button, '[data-scheme]');
      scheme = button.dataset.scheme;
      frame.classList.toggle('dark', scheme === 'dark');
      void draw();
    });
  const press = (button, among) => {
    for (const each of root.querySelectorAll(`#panel-preview ${among}`)) each.setAttribute('aria-pressed', String(each === button));
  };

  /* The people: a list below what is typed. */
  let found = [];
  let at = -1;
  const close = () => {
    people.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    at = -1;
  };
  const list = () => {
    people.replaceChildren(
      ...found.map(({ name, accountName }, index) => {
        const item = document.createElement('li');
        item.id = `editor-person-${index}`;
        item.setAttribute('role', 'option');
        item.setAttribute('aria-selected', String(index === at));
        item.textContent = `${name} · ${accountName}`;
        item.addEventListener('pointerdown', (event) => {
          event.preventDefault();
          choose(index);
        });
        return item;
      }),
    );
    people.hidden = found.length === 0;
    input.setAttribute('aria-expanded', String(found.length > 0));
    if (at >= 0) input.setAttribute('aria-activedescendant', `editor-person-${at}`);
  };
  const choose = (index) => {
    person = found[index].id;
    input.value = found[index].name;
    close();
    void draw();
  };
  let searching;
  input.addEventListener('input', () => {
    clearTimeout(searching);
    searching = setTimeout(async () => {
      const answer = await fetch(`/console/message-people?q=${encodeURIComponent(input.value.trim())}`).catch(() => undefined);
      found = answer?.ok ? await answer.json() : [];
      at = -1;
      list();
    }, 200);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
    if (event.key === 'Enter') {
      event.preventDefault();
      if (at >= 0) choose(at);
    }
    if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && found.length > 0) {
      event.preventDefault();
      at = (at + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length;
      list();
    }
  });
  input.addEventListener('blur', close);

  return {
    soon() {
      clearTimeout(waiting);
      waiting = setTimeout(() => void draw(), WAIT);
    },
    now: draw,
    person: () => person,
  };
}
