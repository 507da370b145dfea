// A wide picture scrolls so that what just happened, or where the case is, stands in its middle.
export function centre(figure, element = '') {
  const canvas = figure.querySelector('.canvas');
  const node = figure.querySelector(`.node[data-id="${CSS.escape(element)}"]:not(.frame)`) || figure.querySelector('.node.is-now:not(.frame)');
  if (!node || canvas.scrollWidth <= canvas.clientWidth) return;
  const box = node.getBoundingClientRect(), frame = canvas.getBoundingClientRect();
  canvas.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
}
