/* A part of a page that takes a while: it is asked for once the page is there, and put in its place. */
behaviour('load', async (place) => {
  for (const element of place.querySelectorAll('[data-without-scripts]')) element.hidden = true;
  place.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(place.dataset.from, { redirect: 'error', headers: { 'HX-Request': 'true' } });
    if (!answer.ok) throw new Error(String(answer.status));
    place.innerHTML = await answer.text();
    place.dispatchEvent(new CustomEvent('htmx:after:swap', { bubbles: true }));
  } catch {
    for (const element of place.querySelectorAll('[data-without-scripts]')) element.hidden = false;
  }
  place.removeAttribute('aria-busy');
});
