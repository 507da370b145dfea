// The replay of a case: a slider, play, and the arrow keys move through frames that the server computed.
// The server draws the first one (?at=…); without this script every moment is a link.
import './diagram.js';
import { centre } from './parts/centre.js';
import { tellMoment } from './parts/moment.js';
import { sayings } from './parts/sayings.js';
import { drawTime } from './parts/timeline.js';

const SIGNS = { done: '✓', now: '▶', stuck: '!', cancelled: '✕' };
const STATES = Object.keys(SIGNS).map(state => 'is-' + state);
const SVG = 'http://www.w3.org/2000/svg';
const film = JSON.parse(document.getElementById('film').textContent);
const figures = new Map([...document.querySelectorAll('.picture')].map(f => [f.dataset.figure, f]));
const rows = new Map([...document.querySelectorAll('.record [data-seq]')].map(r => [+r.dataset.seq, r]));
const bar = document.querySelector('.film');
const slider = bar.querySelector('input[type=range]');
const button = bar.querySelector('[data-play]');
const said = bar.querySelector('.said');
const words = sayings(film, rows, said.dataset.address, () => tell(at));
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
let at = +slider.value;
let current = at;
let playing = 0;

function badge(node, state, visits) {
  const old = node.querySelector('.badge');
  if (old) old.remove();
  if (!state) return;
  const box = node.querySelector('.body').getBBox();
  const text = SIGNS[state] + (visits > 1 ? visits : '');
  const half = text.length === 1 ? 9 : 14;
  const group = document.createElementNS(SVG, 'g');
  const [x, y] = box.width > 60 ? [box.x + box.width - 2, box.y + 2] : [box.x + box.width + half - 9, box.y + 5];
  group.setAttribute('class', 'badge');
  group.setAttribute('transform', `translate(${x} ${y})`);
  const plate = document.createElementNS(SVG, 'rect');
  const fill = { done: '#1d6b40', now: '#a33d00', stuck: '#b01e12', cancelled: '#6b7280' }[state];
  for (const [name, value] of Object.entries({ x: -half, y: -9, width: 2 * half, height: 18, rx: 9, fill })) plate.setAttribute(name, value);
  const words = document.createElementNS(SVG, 'text');
  for (const [name, value] of Object.entries({ y: 4.5, 'text-anchor': 'middle', 'font-size': 12, 'font-weight': 700, fill: '#fff' })) words.setAttribute(name, value);
  words.textContent = text;
  group.append(plate, words);
  node.append(group);
}

// What the server painted on shapes moves into classes, so that any frame can be shown.
function unpaint(figure) {
  for (const shape of figure.querySelectorAll('.node .body')) {
    shape.setAttribute('fill', shape.getAttribute('fill') === 'none' ? 'none' : '#fff');
    shape.setAttribute('stroke', '#3d4653');
    if (shape.dataset.width) shape.setAttribute('stroke-width', shape.dataset.width);
  }
  for (const line of figure.querySelectorAll('.flow .line')) { line.setAttribute('stroke', '#3d4653'); line.setAttribute('stroke-width', 1.5); }
  for (const head of figure.querySelectorAll('.flow .head')) head.setAttribute('fill', '#3d4653');
}

// An element's marks stand at the moments at which they changed: the last one until now holds.
function markAt(changes, now) {
  let low = 0, high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle][0] <= now) low = middle + 1;
    else high = middle;
  }
  return low ? changes[low - 1] : [0, '', 0];
}

function mark(figure, { nodes, flows }, now) {
  for (const node of figure.querySelectorAll('.node')) {
    const [, state, visits] = markAt(nodes[node.dataset.id] || [], now);
    const wanted = state ? `${state}${visits}` : '';
    if ((node.dataset.marked || '') === wanted) continue;
    node.dataset.marked = wanted;
    node.classList.remove(...STATES);
    if (state) node.classList.add('is-' + state);
    badge(node, state, visits);
  }
  for (const flow of figure.querySelectorAll('.flow')) flow.classList.toggle('is-taken', flows[flow.dataset.flow] <= now);
}

function frameAt(number) {
  const of = kind => film.frames[kind].words[film.frames[kind].at[number - 1]];
  return { main: of('main'), figure: of('figure'), element: of('element'), via: of('via') };
}

function tell(number) {
  const text = words(number);
  slider.setAttribute('aria-valuetext', text || number);
  said.textContent = `${number}/${film.count}` + (text && ` · ${text}`);
}

function show(wanted) {
  at = Math.max(1, Math.min(film.count, wanted));
  const frame = frameAt(at);
  for (const [key, figure] of figures) {
    figure.hidden = key !== frame.main && key !== frame.figure;
    if (figure.hidden) continue;
    mark(figure, film.marks[key], at);
    centre(figure, frame.element);
  }
  rows.get(current)?.removeAttribute('aria-current');
  current = at;
  rows.get(current)?.setAttribute('aria-current', 'step');
  slider.value = at;
  tell(at);
  for (const link of bar.querySelectorAll('a[data-step]')) link.href = `?at=${Math.max(1, Math.min(film.count, at + +link.dataset.step))}`;
  history.replaceState(null, '', `?at=${at}`);
  tellMoment(at);
  drawTime(at);
  return frame;
}

function travel(frame, milliseconds) {
  const figure = figures.get(frame.figure);
  const line = figure && frame.via && figure.querySelector(`.flow[data-flow="${CSS.escape(frame.via)}"] .line`);
  if (!line || still) return new Promise(done => setTimeout(done, milliseconds));
  const token = document.createElementNS(SVG, 'circle');
  token.setAttribute('r', 8);
  token.setAttribute('class', 'token');
  line.ownerSVGElement.append(token);
  const length = line.getTotalLength(), started = performance.now();
  return new Promise(done => {
    requestAnimationFrame(function step(now) {
      const part = Math.min(1, Math.max(0, (now - started) / milliseconds));
      const point = line.getPointAtLength(length * part);
      token.setAttribute('cx', point.x);
      token.setAttribute('cy', point.y);
      if (part < 1) requestAnimationFrame(step);
      else { token.remove(); done(); }
    });
  });
}

function pause() {
  playing += 1;
  button.setAttribute('aria-pressed', 'false');
  button.textContent = button.dataset.play;
}

async function play() {
  const mine = playing += 1;
  if (at >= film.count) show(1);
  button.setAttribute('aria-pressed', 'true');
  button.textContent = button.dataset.pause;
  while (playing === mine && at < film.count) {
    const frame = show(at + 1);
    await travel(frame, frame.via ? 700 : 350);
  }
  if (playing === mine) pause();
}

function stepTo(wanted) { pause(); show(wanted); }

for (const figure of figures.values()) unpaint(figure);
slider.closest('form').addEventListener('submit', event => event.preventDefault());
bar.querySelector('[data-go]').hidden = true;
button.hidden = false;
button.addEventListener('click', () => (button.getAttribute('aria-pressed') === 'true' ? pause() : play()));
slider.addEventListener('input', () => stepTo(+slider.value));
for (const link of bar.querySelectorAll('a[data-step]')) link.addEventListener('click', event => { event.preventDefault(); stepTo(at + +link.dataset.step); });
for (const [seq, row] of rows) {
  const link = row.querySelector('a[data-at]');
  if (link) link.addEventListener('click', event => { event.preventDefault(); stepTo(+link.dataset.at); bar.scrollIntoView(); });
}
for (const link of document.querySelectorAll('.timeline a[data-at]')) {
  link.addEventListener('click', event => { event.preventDefault(); stepTo(+link.dataset.at); bar.scrollIntoView(); });
}
document.addEventListener('keydown', event => {
  if (event.target.closest('input:not([type=range]),textarea,select,.bpmn') || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step && event.target !== slider) { stepTo(at + step); event.preventDefault(); }
});
show(at);
