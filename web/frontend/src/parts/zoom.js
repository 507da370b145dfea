// Zoom for a server-drawn diagram: larger, smaller, whole picture. The picture scrolls in its frame.
const LARGEST = 3;

export function zoom(figure) {
  const svg = figure.querySelector('.bpmn');
  const bar = figure.querySelector('.zoom');
  if (!svg || !bar) return;
  const natural = { width: +svg.getAttribute('width'), height: +svg.getAttribute('height') };
  bar.hidden = false;
  bar.addEventListener('click', event => {
    const button = event.target.closest('[data-zoom]');
    if (!button) return;
    const room = svg.parentElement.clientWidth - 2;
    const now = svg.getBoundingClientRect().width / natural.width;
    const wanted = button.dataset.zoom === 'fit' ? Math.min(1, room / natural.width) : now * +button.dataset.zoom;
    const factor = Math.max(0.15, Math.min(LARGEST, wanted));
    svg.classList.add('zoomed');
    svg.setAttribute('width', natural.width * factor);
    svg.setAttribute('height', natural.height * factor);
  });
}
