/* Small behaviours, attached to elements by data-behaviour. Every page works without them. */
const known = new Map();

/** Attaches `attach` to every element whose data-behaviour names it. */
globalThis.behaviour = (name, attach) => {
  known.set(name, attach);
  for (const element of document.querySelectorAll(`[data-behaviour~="${name}"]`)) attach(element);
};

/** Attaches what is known within content that came later. */
document.addEventListener('htmx:after:swap', (event) => {
  for (const [name, attach] of known)
    for (const element of event.target.querySelectorAll?.(`[data-behaviour~="${name}"]`) ?? []) attach(element);
});
