// Every server-drawn diagram of a page: keyboard, zoom, and the present position in view.
import { keyboard } from './parts/keyboard.js';
import { centre } from './parts/centre.js';
import { zoom } from './parts/zoom.js';

for (const figure of document.querySelectorAll('.picture')) {
  const svg = figure.querySelector('.bpmn');
  if (svg) keyboard(svg);
  zoom(figure);
  centre(figure);
}
document.documentElement.dataset.ready = '1';
