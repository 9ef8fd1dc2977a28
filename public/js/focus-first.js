/* Moves the focus to the summary of errors, so that it is read first. */
behaviour('focus-first', (element) => {
  element.focus();
});
