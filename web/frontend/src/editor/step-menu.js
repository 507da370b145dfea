// What can be done at a step, as a menu (M, the menu key, Shift+F10 or the button), and the two questions it asks.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { isOffered } from './offered.js';
import { mergeSteps, pairOf } from './merge-steps.js';
import { make, say } from './page.js';
import { KINDS, canBeFollowed, flowsOut, isGateway, isNode, nameOf } from './steps.js';

class StepMenu {
  constructor(eventBus, steps, canvasKeyboard, elementRegistry, selection) {
    Object.assign(this, { eventBus, steps, canvasKeyboard, elementRegistry, selection });
    eventBus.on('sm.menu', ({ element }) => this.open(element));
    this.menu = document.getElementById('step-menu');
    this.question = document.getElementById('question');
    this.menu.addEventListener('keydown', event => this.onKey(event));
    document.addEventListener('pointerdown', event => { if (!this.menu.contains(event.target)) this.close(false); }, true);
    document.getElementById('open-menu').addEventListener('click', () => {
      const [element] = this.selection.get();
      this.open(element && isNode(element) ? element : this.elementRegistry.get(this.canvasKeyboard.here));
    });
  }

  entries(element) {
    const found = [];
    if (canBeFollowed(element)) {
      for (const kind of KINDS.filter(([type,, more]) => isOffered({ type, ...more }))) found.push([say('Add after this: %(kind)s', { kind: kind[1]() }), () => this.add(element, kind)]);
      found.push([say('Connect with …'), () => this.connect(element)]);
    }
    if (is(element, 'bpmn:Activity')) found.push([say('Add a timer during this'), () => this.arrived(this.steps.attachTimer(element))]);
    const pair = pairOf(element);
    if (pair) found.push([say('Make one task of this and %(name)s', { name: nameOf(pair.second) }), () => this.merge(pair)]);
    found.push([say('Rename'), () => this.eventBus.fire('sm.rename', { element })]);
    found.push([say('Properties'), () => this.eventBus.fire('sm.properties', { element })]);
    found.push([say('Remove'), () => this.canvasKeyboard.remove(element)]);
    return found;
  }

  open(element) {
    if (!element) return;
    this.element = element;
    this.menu.setAttribute('aria-label', say('What to do at %(name)s', { name: nameOf(element) }));
    this.menu.replaceChildren(...this.entries(element).map(([text, act]) =>
      make('button', { type: 'button', role: 'menuitem', tabindex: '-1', onclick: () => { this.close(); act(); } }, text)));
    this.menu.hidden = false;
    const box = this.canvasKeyboard.elementRegistry.getGraphics(element).getBoundingClientRect();
    const frame = this.menu.offsetParent.getBoundingClientRect();
    this.menu.style.left = `${Math.max(0, Math.min(box.left - frame.left, frame.width - this.menu.offsetWidth))}px`;
    this.menu.style.top = `${Math.max(0, Math.min(box.bottom - frame.top, frame.height - this.menu.offsetHeight))}px`;
    this.menu.firstElementChild.focus();
  }

  close(back = true) {
    if (this.menu.hidden) return;
    this.menu.hidden = true;
    if (back) this.canvasKeyboard.go(this.element);
  }

  onKey(event) {
    const all = [...this.menu.children], at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) all[(to + all.length) % all.length].focus();
    else if (event.key === 'Escape' || event.key === 'Tab') this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  add(element, kind) {
    const ways = flowsOut(element);
    if (!ways.length) return this.arrived(this.steps.insertAfter(element, kind));
    if (ways.length === 1 && !isGateway(element)) return this.arrived(this.steps.insertAfter(element, kind, ways[0]));
    const choices = [...ways.map(flow => [say('on the way to %(name)s', { name: nameOf(flow.target) }), flow]), [say('on a new way'), undefined]];
    return this.ask(say('Where?'), choices, flow => this.arrived(this.steps.insertAfter(element, kind, flow)));
  }

  connect(element) {
    const targets = this.steps.targets(element, this.canvasKeyboard.nodes());
    if (!targets.length) return this.eventBus.fire('sm.say', { text: say('There is nothing that could follow.') });
    return this.ask(say('Connect with which step?'), targets.map(target => [nameOf(target), target]), target => {
      this.steps.connect(element, target);
      this.eventBus.fire('sm.say', { text: say('%(name)s now leads to %(target)s.', { name: nameOf(element), target: nameOf(target) }) });
      this.canvasKeyboard.go(element);
    });
  }

  async merge(pair) {
    const names = { name: nameOf(pair.first), target: nameOf(pair.second) };
    try {
      await mergeSteps(pair, this.steps.commandStack);
      this.eventBus.fire('sm.say', { text: say('%(target)s now asks what %(name)s asked, too.', names) });
      setTimeout(() => this.canvasKeyboard.go(pair.second), 30);
    } catch (error) {
      this.eventBus.fire('sm.say', { text: error.message });
    }
  }

  // One question with a list of answers, in a dialog.
  ask(title, choices, use) {
    const select = make('select', { id: 'answer' }, ...choices.map(([text], n) => make('option', { value: n }, text)));
    const form = make('form', { method: 'dialog', onsubmit: event => {
      event.preventDefault();
      this.question.close();
      use(choices[+select.value][1]);
    } }, make('label', { for: 'answer' }, title), select, make('div', { class: 'actions' },
      make('button', { class: 'btn' }, say('Continue')),
      make('button', { class: 'btn sec', type: 'button', onclick: () => { this.question.close(); this.canvasKeyboard.go(this.element); } }, say('Cancel'))));
    this.question.setAttribute('aria-label', title);
    this.question.replaceChildren(form);
    this.question.showModal();
    select.focus();
  }

  arrived(shape) {
    this.eventBus.fire('sm.say', { text: say('%(name)s is added.', { name: nameOf(shape) }) });
    setTimeout(() => this.canvasKeyboard.go(shape), 30);
  }
}
StepMenu.$inject = ['eventBus', 'steps', 'canvasKeyboard', 'elementRegistry', 'selection'];

export default { __init__: ['stepMenu'], stepMenu: ['type', StepMenu] };
