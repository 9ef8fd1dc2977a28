/* More tabs than a telephone is wide: the one that is open is brought into sight, so that people see where they are. */
behaviour('current-tab', (tabs) => {
  const current = tabs.querySelector('[aria-current]');
  if (current === null || tabs.scrollWidth <= tabs.clientWidth) return;
  const [inner, outer] = [current.getBoundingClientRect(), tabs.getBoundingClientRect()];
  tabs.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
});
