// Every server-drawn diagram of a page: keyboard and zoom.
import { keyboard } from './parts/keyboard.js';
import { zoom } from './parts/zoom.js';

for (const figure of document.querySelectorAll('.picture')) {
  const svg = figure.querySelector('.bpmn');
  if (svg) keyboard(svg);
  zoom(figure);
}
document.documentElement.dataset.ready = '1';
