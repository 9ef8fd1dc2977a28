/*
 * Shows beside a form what it would do, while it is being filled in: what it holds is sent a moment after the last change, and the
 * answer, a fragment of HTML, is put into its place. Answers that come late are dropped; nothing that was typed is touched.
 */
behaviour('live-preview', (form) => {
  const place = document.getElementById(form.dataset.previewIn);
  const button = form.querySelector('[data-without-scripts]');
  if (button) button.hidden = true;
  let timer;
  let asked;
  const show = async () => {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    place.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(form.dataset.previewAt, {
        method: 'POST',
        body: new URLSearchParams(new FormData(form)),
        signal,
      });
      if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
      place.innerHTML = await answer.text();
    } catch {
      if (signal.aborted) return;
      place.textContent = form.dataset.previewLate;
    }
    place.removeAttribute('aria-busy');
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(show, 250);
  };
  form.addEventListener('input', later);
  form.addEventListener('change', later);
});
