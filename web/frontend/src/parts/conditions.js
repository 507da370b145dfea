// Conditions as nested lists, evaluated like FEEL: true, false, or null for "cannot tell".
// The Python twin is forms/conditions.py: holds; tests/forms holds both to the same table.

const same = (a, b) => a === b;

function compare(sign, left, right) {
  if (sign === '=' || sign === '!=') {
    if (left !== null && right !== null && (typeof left === 'string') !== (typeof right === 'string')) return null;
    return same(left, right) === (sign === '=');
  }
  if (typeof left !== typeof right || !['number', 'string'].includes(typeof left)) return null;
  return sign === '<' ? left < right : sign === '<=' ? left <= right : sign === '>' ? left > right : left >= right;
}

export function holds([shape, ...rest], values) {
  if (shape === 'const') return typeof rest[0] === 'boolean' ? rest[0] : null;
  if (shape === 'not') {
    const inner = holds(rest[0], values);
    return inner === null ? null : !inner;
  }
  if (shape === 'and' || shape === 'or') {
    const parts = rest.map(part => holds(part, values));
    const decisive = shape === 'or';
    return parts.includes(decisive) ? decisive : parts.includes(null) ? null : !decisive;
  }
  const value = values[rest[0]] ?? null;
  if (shape === 'true') return typeof value === 'boolean' ? value : null;
  if (shape === 'contains') return Array.isArray(value) ? value.includes(rest[1]) : null;
  if (shape === 'in') return rest[1].some(choice => same(value, choice));
  return compare(shape, value, rest[1]);
}

// What the controls of a form say now. Controls that are hidden (disabled) say nothing, like a blank answer.
export function fieldsOf(form) {
  const values = {};
  for (const control of form.elements) {
    const { name, type } = control;
    if (!name || name.startsWith('_')) continue;
    const list = control.closest('[data-kind]')?.dataset.kind === 'checklist';
    if (list) values[name] ??= [];
    else values[name] ??= type === 'checkbox' ? false : null;
    if (control.disabled) continue;
    if (type === 'checkbox' && !list) values[name] = control.checked;
    else if (type === 'checkbox') { if (control.checked) values[name].push(typed(control.dataset.type, control.value)); }
    else if (type === 'radio') { if (control.checked) values[name] = typed(control.dataset.type, control.value); }
    else if (control.value.trim() !== '') values[name] = typed(control.dataset.type, control.value.trim());
  }
  return values;
}

// A number or a yes/no is told by its data-type; everything else is text.
function typed(type, text) {
  if (type === 'number') return Number.isNaN(Number(text)) ? null : Number(text);
  if (type === 'boolean') return text === 'true';
  return text;
}
