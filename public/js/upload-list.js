/* Lists the chosen files with their sizes below a file field. */
behaviour('upload-list', (field) => {
  const input = field.querySelector('input[type=file]');
  const list = field.querySelector('.upload-list');
  const size = (unit, value) =>
    new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit, maximumFractionDigits: 1 }).format(value);
  input.addEventListener('change', () => {
    list.replaceChildren(
      ...[...input.files].map((file) => {
        const item = document.createElement('li');
        const name = document.createElement('span');
        const bytes = document.createElement('span');
        name.textContent = file.name;
        bytes.textContent = file.size < 1e6 ? size('kilobyte', file.size / 1e3) : size('megabyte', file.size / 1e6);
        item.append(name, bytes);
        return item;
      }),
    );
    list.hidden = input.files.length === 0;
  });
});
