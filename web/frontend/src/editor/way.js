// The way that breaks a rule, drawn on the canvas: what it passes here is marked and numbered in order, the whole way
// stands beside as a list. What lies in other diagrams is told in words, with a link to them.
import { kindOf } from './kinds.js';
import { make, page, say } from './page.js';
import { flowsOut, nameOf } from './steps.js';

const same = (one, other) => ['rule', 'number', 'kind', 'key', 'element'].every(name => one[name] === other[name]);
const hasWay = finding => Boolean(finding.way?.length);

class ShownWay {
  constructor(eventBus, overlays, elementRegistry, canvas, canvasKeyboard) {
    Object.assign(this, { eventBus, overlays, elementRegistry, canvas, canvasKeyboard, marked: [] });
    this.box = document.getElementById('way');
  }

  // A new verdict: the way that is shown stays as long as its finding does.
  judged(findings) {
    if (!this.finding) return;
    const still = findings.find(finding => hasWay(finding) && same(finding, this.finding));
    if (still) this.draw(still);
    else { this.clear(); this.tell(say('The finding is gone, and its way with it.')); }
  }

  show(finding) {
    if (!hasWay(finding)) { this.clear(); return; }
    this.draw(finding);
    this.tell(say('The way is marked in the picture: %(steps)s', { steps: this.own().map(step => this.called(step)).join(say(', ')) }));
  }

  clear() {
    this.overlays.remove({ type: 'way' });
    for (const [id, mark] of this.marked) if (this.elementRegistry.get(id)) this.canvas.removeMarker(id, mark);
    this.marked = [];
    this.finding = undefined;
    this.box.hidden = true;
    this.box.replaceChildren();
  }

  // What is passed in this diagram; a call of another process is one step, though the way enters it and comes back.
  own() {
    const passed = this.finding.way.filter(stretch => stretch.key === page.key).flatMap(stretch => stretch.steps);
    return passed.filter((step, n) => step.id !== passed[n - 1]?.id);
  }

  draw(finding) {
    this.clear();
    this.finding = finding;
    const own = this.own(), numbers = new Map();
    own.forEach(({ id }, n) => numbers.set(id, [...(numbers.get(id) || []), n + 1]));
    for (const [id, all] of numbers) this.number(id, all);
    own.slice(1).forEach(({ id }, n) => this.between(own[n].id, id));
    this.list();
  }

  mark(id, mark) {
    if (this.canvas.hasMarker(id, mark)) return;
    this.canvas.addMarker(id, mark);
    this.marked.push([id, mark]);
  }

  number(id, all) {
    const element = this.elementRegistry.get(id);
    if (!element || element.waypoints) return;
    this.mark(id, id === this.finding.element ? 'way-end' : 'on-way');
    const html = make('span', { class: 'way-number', 'aria-hidden': 'true' }, all.join(say(', ')));
    this.overlays.add(id, 'way', { position: { top: -14, left: -6 }, html, show: { minZoom: 0.2 } });
  }

  between(from, to) {
    const source = this.elementRegistry.get(from);
    if (source) flowsOut(source).filter(flow => flow.target.id === to).forEach(flow => this.mark(flow.id, 'way-flow'));
  }

  called(step) {
    const element = this.elementRegistry.get(step.id);
    if (element && (element.businessObject.name || !step.name)) return element.businessObject.name ? nameOf(element) : kindOf(element);
    return step.name || step.id;
  }

  list() {
    let number = 0, last;
    const rows = this.finding.way.flatMap(stretch => (stretch.key === page.key
      ? stretch.steps.filter(step => step.id !== last).map(step => { last = step.id; return this.step(step, ++number); })
      : [make('li', { class: 'elsewhere' }, say('Through'), ' ',
        stretch.address ? make('a', { href: stretch.address }, stretch.name) : make('b', {}, stretch.name), say(': '),
        stretch.steps.filter(step => step.name && step.name !== step.id).map(step => step.name).join(' → '))]));
    this.box.replaceChildren(make('h2', { id: 'way-title' }, say('The way that breaks the rule')),
      make('ol', { class: 'way' }, ...rows),
      make('button', { class: 'btn sec', type: 'button', onclick: () => { this.clear(); this.tell(say('The way is no longer marked.')); } }, say('Hide the way')));
    this.box.hidden = false;
  }

  step(step, number) {
    const broken = step.id === this.finding.element;
    return make('li', { class: broken ? 'broken' : undefined, value: number },
      make('button', { type: 'button', class: 'plain', onclick: () => this.canvasKeyboard.show(step.id) }, this.called(step)),
      broken ? make('span', { class: 'sub' }, ` ${say('here the rule is broken')}`) : null);
  }

  tell(text) { this.eventBus.fire('sm.say', { text }); }
}
ShownWay.$inject = ['eventBus', 'overlays', 'elementRegistry', 'canvas', 'canvasKeyboard'];

export default { __init__: ['shownWay'], shownWay: ['type', ShownWay] };
