// A list of properties as an ordinary form: labels, native controls, the server's word beneath an expression.
//
// A field is {id, label, kind, get, set} and perhaps {hint, options, form, redraws, shown, after}; kinds are text, long,
// feel, select, check (yes or no) and checks (several of several).
import { later, make, say } from './page.js';
import { checkLive } from './expression.js';

const WAIT_MS = 600;

export class FieldForm {
  // written(redraws): called after a value was taken over
  constructor(box, written) {
    Object.assign(this, { box, written, pending: new Set() });
  }

  // What was typed and not yet taken over.
  flush() { for (const commit of [...this.pending]) commit(); }

  draw(title, groups) {
    this.pending.clear();
    this.box.replaceChildren(title, ...groups.filter(group => group.fields.length).map(group =>
      make('fieldset', {}, make('legend', {}, group.title), ...group.fields.map(field => this.field(field)))));
  }

  // While a value is taken over, nobody else draws: the next field may be on its way to the focus.
  take(set, redraws = false) {
    this.taking = true;
    try { set(); } finally { this.taking = false; }
    this.written(redraws);
  }

  field(field) {
    const id = `p-${field.id}`;
    if (field.shown !== undefined) return make('p', { class: 'shown' }, field.label ? make('b', {}, field.label + say(': ')) : '', field.shown);
    if (field.kind === 'checks') return this.checks(field, id);
    if (field.kind === 'check') return this.check(id, field.label, Boolean(field.get()), on => this.take(() => field.set(on), true));
    const hint = field.hint ? make('p', { class: 'hint', id: `${id}-hint` }, field.hint) : null;
    const problem = make('p', { class: 'problem', id: `${id}-problem`, hidden: true });
    const input = field.kind === 'select' ? this.select(field, id) : this.text(field, id);
    input.setAttribute('aria-describedby', [hint && `${id}-hint`, `${id}-problem`].filter(Boolean).join(' '));
    if (field.kind === 'feel') checkLive(input, problem, field.form);
    return make('div', { class: 'field' }, make('label', { for: id }, field.label), hint, input, problem, field.after?.());
  }

  select(field, id) {
    const now = field.get() ?? '';
    const options = [...field.options];
    if (!options.some(([value]) => value === now)) options.push([now, now]);
    const select = make('select', { id, onchange: () => this.take(() => field.set(select.value), field.redraws) },
      ...options.map(([value, text]) => make('option', { value }, text)));
    select.value = now;
    return select;
  }

  text(field, id) {
    const feel = field.kind === 'feel', many = feel || field.kind === 'long';
    const input = make(many ? 'textarea' : 'input', { id, rows: many ? field.rows || 2 : undefined, type: many ? undefined : 'text', class: feel ? 'feel' : undefined,
      spellcheck: feel ? 'false' : undefined, autocomplete: 'off', maxlength: 8000 });
    input.value = field.get() ?? '';
    let taken = input.value;
    const commit = () => {
      this.pending.delete(commit);
      if (input.value === taken) return;
      taken = input.value;
      this.take(() => field.set(taken));
    };
    const soon = later(WAIT_MS, commit);
    input.addEventListener('input', () => { this.pending.add(commit); soon(); });
    input.addEventListener('change', commit);
    return input;
  }

  check(id, label, now, set) {
    const box = make('input', { type: 'checkbox', id, onchange: () => set(box.checked) });
    box.checked = now;
    return make('p', { class: 'tick' }, box, make('label', { for: id }, label));
  }

  checks(field, id) {
    const chosen = new Set(field.get());
    const boxes = field.options.map(([value, text], n) => this.check(`${id}-${n}`, text, chosen.has(value), on => {
      if (on) chosen.add(value); else chosen.delete(value);
      this.take(() => field.set([...chosen]));
    }));
    return make('fieldset', { class: 'checks' }, make('legend', {}, field.label), field.hint ? make('p', { class: 'hint' }, field.hint) : null, ...boxes);
  }
}
