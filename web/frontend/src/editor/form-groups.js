// Which properties a part of a form has: what the server's reader of forms understands, and nothing else.
import { known, say } from './page.js';

const CHOICES = ['select', 'radio', 'checklist'];
const SILENT = ['text', 'separator', 'spacer'];
const WORDS = ['textfield', 'textarea'];

export const KINDS = {
  default: () => say('Form'), textfield: () => say('short text'), textarea: () => say('long text'), number: () => say('number'), datetime: () => say('date'),
  select: () => say('one of a list'), radio: () => say('one of several'), checklist: () => say('several of several'), checkbox: () => say('yes or no'),
  filepicker: () => say('file'), group: () => say('group of questions'), text: () => say('text to read'), separator: () => say('line'), spacer: () => say('space'),
};

const empty = text => (text.trim() === '' ? undefined : text.trim());
const put = (record, name, value) => {
  const next = { ...record };
  if (value === undefined || value === false) delete next[name]; else next[name] = value;
  return Object.keys(next).length ? next : undefined;
};

// field: the part as it stands; edit(field => values): changes what it is by then
export function groupsOf(field, edit) {
  const own = (name, label, more = {}) => ({ id: name, label, get: () => field[name], set: text => edit({ [name]: empty(text) }), ...more });
  const property = (name, label, more = {}) => ({ id: name, label, get: () => field.properties?.[name],
    set: text => edit(field => ({ properties: put(field.properties, name, empty(text)) })), ...more });
  const limit = (name, label, more = {}) => ({ id: name, label, get: () => field.validate?.[name],
    set: text => edit(field => ({ validate: put(field.validate, name, /^-?\d+$/.test(text.trim()) ? +text : empty(text)) })), ...more });
  const roles = (name, label, hint) => property(name, label, { kind: 'checks', hint, options: known.roles.map(role => [role.key, role.name]),
    get: () => (field.properties?.[name] || '').split(/[\s,]+/).filter(Boolean),
    set: chosen => edit(field => ({ properties: put(field.properties, name, chosen.join(', ') || undefined) })) });
  const feel = (name, label, hint) => property(name, label, { kind: 'feel', hint });
  const tick = (name, label, get, set) => ({ id: name, label, kind: 'check', get, set });

  if (field.type === 'default') {
    return [{ title: say('Form'), fields: [property('title', say('Title')), property('description', say('Explanation')), property('submit', say('Words on the button'))] }];
  }
  const general = [];
  if (field.type === 'text') general.push(own('text', say('Text'), { kind: 'long', rows: 4, hint: say('A line that begins with ## is a heading.') }));
  if (!SILENT.includes(field.type)) {
    general.push(own('label', say('Question')), own('description', say('Explanation')));
    if (field.type !== 'group') general.push(own('key', say('Name in the data'), { hint: say('Letters, digits and _; expressions use it.') }));
  }
  if (CHOICES.includes(field.type)) {
    const levels = empty => [['', empty], ...known.levels.map(level => [level.key, `${level.name} (${level.key})`])];
    general.push(choices(field, edit), property('options_from', say('Or the units of a level'), { kind: 'select', redraws: true, options: levels(say('(none)')) }));
    if (field.properties?.options_from) general.push(property('options_within', say('Only those of the nearest unit of the level'), { kind: 'select', options: levels(say('(any)')) }));
  }
  if (field.type === 'datetime') general.push({ id: 'subtype', label: say('Kind'), kind: 'select', options: [['date', say('date')], ['datetime', say('date and time')]],
    get: () => field.subtype || 'date', set: subtype => edit({ subtype }) });
  if (field.type === 'filepicker') general.push(own('accept', say('Which files'), { hint: say('For example image/*,.pdf') }),
    tick('multiple', say('Several files'), () => field.multiple, on => edit({ multiple: on || undefined })), property('files_max', say('At most so many files')));
  const when = { title: say('When it is asked'), fields: [{ id: 'hide', label: say('Hidden when'), kind: 'feel', hint: say('FEEL that is true or false, for example =opinion = "agree"'),
    get: () => field.conditional?.hide, set: text => edit({ conditional: empty(text) ? { hide: empty(text) } : undefined }) }] };
  const groups = [{ title: say('General'), fields: general }, when];
  if (SILENT.includes(field.type)) return groups;
  const who = { title: say('Who does it'), fields: [roles('write', say('Answered by'), say('Nobody ticked: whoever has the task.')), roles('see', say('Seen by'), say('Nobody ticked: whoever answers it.'))] };
  if (field.type === 'group') return [...groups, who];
  when.fields.push(tick('readonly', say('Only shown'), () => field.readonly, on => edit({ readonly: on || undefined })),
    tick('fresh', say('Asked anew each time'), () => field.properties?.fresh === 'true', on => edit(field => ({ properties: put(field.properties, 'fresh', on ? 'true' : undefined) }))),
    tick('required', say('Must be answered'), () => field.validate?.required, on => edit(field => ({ validate: put(field.validate, 'required', on) }))),
    feel('required_when', say('Must be answered when'), say('FEEL that is true or false, for example =opinion = "agree"')));
  const rules = [];
  if (WORDS.includes(field.type)) rules.push(limit('minLength', say('At least so many characters')), limit('maxLength', say('At most so many characters')),
    property('check', say('Checked as'), { kind: 'select', options: [['', say('(none)')], ['resident_id', say('identity number')], ['phone', say('telephone number')], ['place', say('place: latitude, longitude')]] }));
  if (field.type === 'number') rules.push(limit('min', say('At least')), limit('max', say('At most')));
  rules.push(feel('rule', say('Must be true'), say('FEEL over the answers; otherwise the words below are shown.')), property('rule_message', say('What is said otherwise')));
  const values = [feel('computed', say('Computed from'), say('FEEL; nobody types it then.')), property('default', say('Filled in at first'), { hint: say('A value, or FEEL that begins with =') }), property('unit', say('Unit'))];
  return [...groups, who, { title: say('Rules'), fields: rules }, { title: say('Value'), fields: values }];
}

// One choice a line: value: label. What was true, false or a number stays one.
function choices(field, edit) {
  const values = () => field.values || [];
  return { id: 'values', label: say('Choices'), kind: 'long', rows: 5, hint: say('One a line: value: words'),
    get: () => values().map(one => `${one.value}: ${one.label}`).join('\n'),
    set: text => {
      const typed = new Map(values().map(one => [String(one.value), one.value]));
      const lines = text.split('\n').map(line => line.trim()).filter(Boolean).map(line => {
        const [, value, label] = line.match(/^([^:：]*)[:：]?(.*)$/);
        const key = value.trim();
        return { label: label.trim() || key, value: typed.has(key) ? typed.get(key) : { true: true, false: false }[key] ?? key };
      });
      edit({ values: lines.length ? lines : undefined });
    } };
}
