/*
 * An explanation opens when its button is pointed at or focused, too, and stands beside it. Without scripts, a click or a tap opens
 * it in the middle of the window.
 */
behaviour('explain', (button) => {
  const panel = document.getElementById(button.getAttribute('popovertarget'));
  if (!panel?.showPopover) return;
  let closing;
  const isOpen = () => panel.matches(':popover-open');
  const place = () => {
    const { left, top, bottom } = button.getBoundingClientRect();
    const { width, height } = panel.getBoundingClientRect();
    const below = bottom + 6 + height <= innerHeight || top < height + 6;
    panel.style.left = `${Math.max(16, Math.min(left, innerWidth - width - 16))}px`;
    panel.style.top = `${Math.max(8, below ? bottom + 6 : top - height - 6)}px`;
  };
  const open = () => {
    clearTimeout(closing);
    if (!isOpen()) panel.showPopover();
  };
  const closeSoon = () => {
    clearTimeout(closing);
    closing = setTimeout(() => {
      if (isOpen() && !panel.contains(document.activeElement)) panel.hidePopover();
    }, 180);
  };
  panel.classList.add('placed');
  panel.addEventListener('toggle', () => {
    if (isOpen()) place();
  });
  for (const element of [button, panel]) {
    element.addEventListener('pointerenter', (event) => {
      if (event.pointerType === 'mouse') open();
    });
    element.addEventListener('pointerleave', (event) => {
      if (event.pointerType === 'mouse') closeSoon();
    });
  }
  button.addEventListener('focus', () => {
    if (button.matches(':focus-visible')) open();
  });
  button.addEventListener('blur', closeSoon);
});
