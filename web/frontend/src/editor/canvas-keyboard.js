// The canvas for people who use the keyboard or a screen reader. bpmn-js itself has neither focus nor names.
//
// One Tab stop; arrows follow the flow, up and down go through the branches, Home and End to the first and last
// step. Every step has a spoken name. Enter goes to its properties, the menu key (or M) opens what can be done,
// F2 renames, Delete removes, Shift with an arrow moves the shape.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { say } from './page.js';
import { flowsIn, flowsOut, isNode, nameOf } from './steps.js';
import { kindOf } from './kinds.js';

const MOVE_PX = 10;

class CanvasKeyboard {
  constructor(eventBus, canvas, elementRegistry, selection, modeling, injector) {
    Object.assign(this, { eventBus, canvas, elementRegistry, selection, modeling, injector });
    this.box = canvas.getContainer();
    this.here = '';
    this.box.addEventListener('keydown', event => this.onKey(event), true);
    // The mouse selects by itself; were the step selected already when the click comes, the click would deselect it.
    this.box.addEventListener('pointerdown', () => { this.byPointer = true; }, true);
    document.addEventListener('pointerup', () => { this.byPointer = false; }, true);
    this.box.addEventListener('focusin', event => {
      const element = this.elementOf(event.target);
      if (element && !this.byPointer) this.arrive(element);
    });
    for (const what of ['focusin', 'pointerdown']) document.addEventListener(what, ({ target }) => { this.inside = this.box.contains(target); }, true);
    eventBus.on(['import.done', 'elements.changed', 'elements.delete', 'root.set'], () => this.later());
    eventBus.on('selection.changed', event => {
      const [only, more] = event.newSelection;
      if (only && !more && isNode(only)) this.here = only.id;
      this.later();
    });
  }

  later() { clearTimeout(this.timer); this.timer = setTimeout(() => this.describe(), 20); }

  nodes() {
    const root = this.canvas.getRootElement();
    const found = this.elementRegistry.filter(element => isNode(element) && this.canvas.findRoot(element) === root);
    return found.sort((a, b) => a.x - b.x || a.y - b.y);
  }

  elementOf(target) {
    const graphics = target.closest?.('.djs-element');
    return graphics && this.elementRegistry.get(graphics.dataset.elementId);
  }

  // What a screen reader says of a step: name, kind, lane, and where it leads.
  says(element) {
    const lane = this.laneOf(element);
    const ways = flowsOut(element).map(flow => (flow.businessObject.name ? `${flow.businessObject.name}: ` : '') + nameOf(flow.target));
    const faults = this.injector.get('findingSigns', false)?.count(element.id) || 0;
    return [nameOf(element), kindOf(element), lane && say('lane %(name)s', { name: lane }),
      faults ? say('%(count)s findings', { count: faults }) : '',
      ways.length ? say('leads to %(steps)s', { steps: ways.join(say('; ')) }) : say('nothing follows')].filter(Boolean).join(say(', '));
  }

  laneOf(element) {
    const node = getBusinessObject(element);
    const lane = this.elementRegistry.find(one => is(one, 'bpmn:Lane') && (one.businessObject.flowNodeRef || []).includes(node));
    return lane ? nameOf(lane) : '';
  }

  describe() {
    const nodes = this.nodes();
    if (!nodes.some(element => element.id === this.here)) this.here = nodes[0]?.id || '';
    const svg = this.canvas._svg;
    svg.setAttribute('tabindex', '-1');
    svg.setAttribute('role', 'application');
    svg.setAttribute('aria-label', say('Diagram: arrow keys follow the flow, M opens the menu of a step, Enter its properties'));
    for (const element of nodes) {
      const graphics = this.elementRegistry.getGraphics(element);
      const says = this.says(element);
      if (graphics.getAttribute('aria-label') !== says) graphics.setAttribute('aria-label', says);
      graphics.setAttribute('role', 'img');
      graphics.setAttribute('tabindex', element.id === this.here ? '0' : '-1');
    }
    for (const entry of this.box.querySelectorAll('.djs-palette .entry')) {
      entry.tabIndex = 0;
      entry.setAttribute('role', 'button');
      if (!entry.getAttribute('aria-label')) entry.setAttribute('aria-label', entry.title);
    }
    this.comeBack();
  }

  // What is undone is drawn anew, and the step that had the focus with it: who was in the picture stays there.
  comeBack() {
    if (this.inside && document.activeElement === document.body && this.here) this.elementRegistry.getGraphics(this.here).focus({ preventScroll: true });
  }

  // Focus stands on a step: it is the selected one, and the panel shows it.
  arrive(element) {
    this.here = element.id;
    if (!this.selection.isSelected(element) || this.selection.get().length > 1) this.selection.select(element);
  }

  go(element) {
    if (!element) return;
    this.here = element.id;
    this.describe();
    this.canvas.scrollToElement(element, 60);
    this.elementRegistry.getGraphics(element).focus({ preventScroll: true });
  }

  // Shows and focuses an element by its id; a flow or lane is selected instead. False if there is none.
  show(id) {
    const element = this.elementRegistry.get(id);
    if (!element) return false;
    const root = this.canvas.findRoot(element);
    if (root && root !== this.canvas.getRootElement()) this.canvas.setRootElement(root);
    if (isNode(element)) this.go(element);
    else {
      this.selection.select(element);
      if (element.waypoints || element.width) this.canvas.scrollToElement(element, 60);
    }
    return true;
  }

  beside(element, step) {
    const before = flowsIn(element)[0]?.source;
    const row = before ? flowsOut(before).map(flow => flow.target) : this.nodes().filter(one => !flowsIn(one).length && !one.host);
    return row[(row.indexOf(element) + step + row.length) % row.length];
  }

  onKey(event) {
    const entry = event.target.closest?.('.djs-palette .entry');
    if (entry && (event.key === 'Enter' || event.key === ' ')) { event.preventDefault(); entry.click(); return; }
    const element = this.elementOf(event.target);
    if (!element || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = event.shiftKey ? this.shifted(event.key, element) : this.plain(event.key, element);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  plain(key, element) {
    const nodes = () => this.nodes();
    const moves = {
      ArrowRight: () => flowsOut(element)[0]?.target || element.attachers?.[0],
      ArrowLeft: () => flowsIn(element)[0]?.source || element.host,
      ArrowDown: () => element.attachers?.[0] || this.beside(element, 1),
      ArrowUp: () => element.host || this.beside(element, -1),
      Home: () => nodes()[0],
      End: () => nodes().at?.(-1) || nodes()[nodes().length - 1],
    };
    if (moves[key]) return () => this.go(moves[key]());
    const fire = name => () => this.eventBus.fire(name, { element });
    const acts = { Enter: fire('sm.properties'), F2: fire('sm.rename'), m: fire('sm.menu'), M: fire('sm.menu'), ContextMenu: fire('sm.menu'),
      Delete: () => this.remove(element), Backspace: () => this.remove(element) };
    return acts[key];
  }

  shifted(key, element) {
    if (key === 'F10') return () => this.eventBus.fire('sm.menu', { element });
    const by = { ArrowRight: [MOVE_PX, 0], ArrowLeft: [-MOVE_PX, 0], ArrowDown: [0, MOVE_PX], ArrowUp: [0, -MOVE_PX] }[key];
    return by && (() => this.modeling.moveElements([element], { x: by[0], y: by[1] }, undefined, { autoResize: true }));
  }

  remove(element) {
    const next = flowsIn(element)[0]?.source || element.host || flowsOut(element)[0]?.target;
    const name = nameOf(element);
    this.modeling.removeElements([element]);
    this.eventBus.fire('sm.say', { text: say('%(name)s is removed.', { name }) });
    if (next) setTimeout(() => this.go(next), 30);
  }
}
CanvasKeyboard.$inject = ['eventBus', 'canvas', 'elementRegistry', 'selection', 'modeling', 'injector'];

export default { __init__: ['canvasKeyboard'], canvasKeyboard: ['type', CanvasKeyboard] };
