// The properties of what is selected, as an ordinary form: labels, native controls, the server's word beneath.
import { later, make, say } from './page.js';
import { checkLive } from './expression.js';
import { groupsOf } from './panel-groups.js';
import { kindOf } from './kinds.js';
import { isNode, nameOf } from './steps.js';

const WAIT_MS = 600;

class Panel {
  constructor(eventBus, selection, canvas, canvasKeyboard, injector) {
    Object.assign(this, { eventBus, selection, canvas, canvasKeyboard, injector });
    this.box = document.getElementById('panel');
    this.pending = new Set();
    eventBus.on(['selection.changed', 'import.done', 'root.set'], () => this.draw());
    eventBus.on('elements.changed', ({ elements }) => { if (!this.writing && elements.some(one => one === this.element || one === this.element?.label)) this.draw(true); });
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

  // What was typed and not yet taken over.
  flush() { for (const commit of [...this.pending]) commit(); }

  draw(keepFocus = false) {
    const focused = keepFocus ? document.activeElement?.id : '';
    if (!keepFocus) this.flush();
    this.element = this.selected();
    this.pending.clear();
    if (!this.element) { this.box.replaceChildren(make('p', { class: 'hint' }, say('Select one element to see its properties.'))); return; }
    const groups = groupsOf(this.element, this.injector).filter(group => group.fields.length);
    this.box.replaceChildren(
      make('p', { class: 'what' }, make('b', {}, nameOf(this.element)), ` · ${kindOf(this.element)}`),
      ...groups.map(group => make('fieldset', {}, make('legend', {}, group.title), ...group.fields.map(field => this.field(field)))));
    if (focused) document.getElementById(focused)?.focus();
  }

  field(field) {
    const id = `p-${field.id}`;
    if (field.shown !== undefined) return make('p', { class: 'shown' }, field.label ? make('b', {}, field.label + say(': ')) : '', field.shown);
    if (field.act) return make('p', {}, make('button', { type: 'button', class: 'btn sec', id, onclick: () => field.act() }, field.label));
    if (field.kind === 'checks') return this.checks(field, id);
    if (field.kind === 'check') {
      const box = make('input', { type: 'checkbox', id, onchange: () => this.write(() => field.set(box.checked), true) });
      box.checked = Boolean(field.get());
      return make('p', { class: 'tick' }, box, make('label', { for: id }, field.label));
    }
    const hint = field.hint ? make('p', { class: 'hint', id: `${id}-hint` }, field.hint) : null;
    const problem = make('p', { class: 'problem', id: `${id}-problem`, hidden: true });
    const input = this.control(field, id);
    input.setAttribute('aria-describedby', [hint && `${id}-hint`, `${id}-problem`].filter(Boolean).join(' '));
    if (field.kind === 'feel') checkLive(input, problem, field.form);
    return make('div', { class: 'field' }, make('label', { for: id }, field.label), hint, input, problem);
  }

  control(field, id) {
    const now = field.get() ?? '';
    if (field.kind === 'select') {
      const options = [...field.options];
      if (!options.some(([value]) => value === now)) options.push([now, now]);
      const select = make('select', { id, onchange: () => this.write(() => field.set(select.value), field.redraws) },
        ...options.map(([value, text]) => make('option', { value }, text)));
      select.value = now;
      return select;
    }
    const many = field.kind === 'feel' || field.kind === 'long';
    const input = make(many ? 'textarea' : 'input', { id, rows: many ? 2 : undefined, type: many ? undefined : 'text', class: field.kind === 'feel' ? 'feel' : undefined,
      spellcheck: field.kind === 'feel' ? 'false' : undefined, autocomplete: 'off', maxlength: 4000 });
    input.value = now;
    let taken = now;
    const commit = () => {
      this.pending.delete(commit);
      if (input.value === taken) return;
      taken = input.value;
      this.write(() => field.set(taken));
    };
    const soon = later(WAIT_MS, commit);
    input.addEventListener('input', () => { this.pending.add(commit); soon(); });
    input.addEventListener('change', commit);
    return input;
  }

  checks(field, id) {
    const chosen = new Set(field.get());
    const boxes = field.options.map(([value, text], n) => {
      const box = make('input', { type: 'checkbox', id: `${id}-${n}`, onchange: () => {
        if (box.checked) chosen.add(value); else chosen.delete(value);
        this.write(() => field.set([...chosen]));
      } });
      box.checked = chosen.has(value);
      return make('p', { class: 'tick' }, box, make('label', { for: `${id}-${n}` }, text));
    });
    return make('fieldset', { class: 'checks' }, make('legend', {}, field.label), ...boxes);
  }

  // Our own change: the field that was typed into keeps its caret; what depends on it is drawn anew.
  write(set, redraws = false) {
    this.writing = true;
    try { set(); } finally { this.writing = false; }
    const title = this.box.querySelector('.what b');
    if (title) title.textContent = nameOf(this.element);
    if (redraws) setTimeout(() => this.draw(true)); // focus may be on its way to the next field
  }
}
Panel.$inject = ['eventBus', 'selection', 'canvas', 'canvasKeyboard', 'injector'];

export default { __init__: ['panel'], panel: ['type', Panel] };
