/* A filter bar sends itself when a choice changes; its button is for those without scripts. */
behaviour('auto-submit', (form) => {
  const button = form.querySelector('[data-without-scripts]');
  if (button) button.hidden = true;
  form.addEventListener('change', (event) => {
    if (event.target.matches('select, input[type=checkbox], input[type=radio]')) form.requestSubmit();
  });
});
