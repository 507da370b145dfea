// The properties of what is selected in a diagram.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { make, say } from './page.js';
import { FieldForm } from './fields.js';
import { groupsOf } from './panel-groups.js';
import { kindOf } from './kinds.js';
import { isNode, nameOf } from './steps.js';

// The canvas around the pools is nobody's name: it is called after its process.
function titleOf(element) {
  const pools = is(element, 'bpmn:Collaboration') ? element.businessObject.participants || [] : [];
  return pools.map(pool => pool.processRef?.name || pool.name).find(Boolean) || nameOf(element);
}

class Panel {
  constructor(eventBus, selection, canvas, canvasKeyboard, injector) {
    Object.assign(this, { eventBus, selection, canvas, canvasKeyboard, injector });
    this.box = document.getElementById('panel');
    this.form = new FieldForm(this.box, redraws => this.written(redraws));
    eventBus.on(['selection.changed', 'import.done', 'root.set'], () => this.draw());
    eventBus.on('elements.changed', ({ elements }) => {
      if (!this.form.taking && elements.some(one => one === this.element || one === this.element?.label)) this.draw(true);
    });
    eventBus.on('sm.properties', ({ element }) => this.enter(element, 'select, textarea, input:not(#p-name)'));
    eventBus.on('sm.rename', ({ element }) => this.enter(element, '#p-name'));
    this.box.addEventListener('keydown', event => {
      if (event.key !== 'Escape' || !this.element) return;
      event.preventDefault();
      this.flush();
      if (isNode(this.element)) this.canvasKeyboard.go(this.element);
    });
  }

  enter(element, field) {
    if (this.element !== element) this.selection.select(element);
    const found = this.box.querySelector(field) || this.box.querySelector('input, select, textarea');
    found?.focus();
    found?.select?.();
  }

  selected() {
    const all = this.selection.get();
    if (all.length > 1) return undefined;
    const [only] = all;
    const found = only ? only.labelTarget || only : this.canvas.getRootElement();
    return found.businessObject && found;
  }

  flush() { this.form.flush(); }

  draw(keepFocus = false) {
    const focused = keepFocus ? document.activeElement?.id : '';
    if (!keepFocus) this.flush();
    this.element = this.selected();
    if (!this.element) { this.box.replaceChildren(make('p', { class: 'hint' }, say('Select one element to see its properties.'))); return; }
    const title = make('p', { class: 'what' }, make('b', {}, titleOf(this.element)), ` · ${kindOf(this.element)}`);
    this.form.draw(title, groupsOf(this.element, this.injector));
    if (focused) document.getElementById(focused)?.focus();
  }

  // The field that was typed into keeps its caret; what depends on it is drawn anew.
  written(redraws) {
    const title = this.box.querySelector('.what b');
    if (title && this.element) title.textContent = titleOf(this.element);
    if (redraws) setTimeout(() => { this.flush(); this.draw(true); }); // focus may be on its way to the next field
  }
}
Panel.$inject = ['eventBus', 'selection', 'canvas', 'canvasKeyboard', 'injector'];

export default { __init__: ['panel'], panel: ['type', Panel] };
