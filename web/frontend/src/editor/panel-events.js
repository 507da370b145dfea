// Events: what is waited for (a time, a message), which error it is, and whether it breaks the step off.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { known, say } from './page.js';

const TIMES = [['timeDuration', () => say('after a duration')], ['timeDate', () => say('on a date')], ['timeCycle', () => say('again and again')]];

export function eventGroup(use, injector) {
  const { element, node } = use;
  const fields = [];
  if (is(element, 'bpmn:BoundaryEvent')) {
    fields.push({ id: 'interrupting', label: say('Breaks the step off'), kind: 'check', get: () => node.cancelActivity !== false, set: on => use.update({ cancelActivity: on }) });
  }
  for (const definition of node.eventDefinitions || []) {
    if (definition.$type === 'bpmn:TimerEventDefinition') fields.push(...timer(use, definition));
    if (definition.$type === 'bpmn:MessageEventDefinition') fields.push(...referred(use, injector, definition, 'message', 'bpmn:Message'));
    if (definition.$type === 'bpmn:ErrorEventDefinition') fields.push(...referred(use, injector, definition, 'error', 'bpmn:Error'));
  }
  if (is(element, 'bpmn:ReceiveTask')) fields.push(...referred(use, injector, node, 'message', 'bpmn:Message'));
  return fields.length ? { title: say('Event'), fields } : null;
}

function timer({ inner, moddle }, definition) {
  const now = () => (TIMES.find(([name]) => definition.get(name)) || TIMES[0])[0];
  const put = (kind, text) => inner(definition, Object.fromEntries(TIMES.map(([name]) =>
    [name, name === kind ? moddle.create('bpmn:FormalExpression', { body: text }) : undefined])));
  const text = () => definition.get(now())?.body || '';
  return [
    { id: 'timer-kind', label: say('It happens'), kind: 'select', options: TIMES.map(([name, said]) => [name, said()]), get: now, set: kind => put(kind, text()) },
    { id: 'timer', label: say('When'), kind: 'feel', form: 'timer', hint: say('P3D is three days, PT5M five minutes; or FEEL that begins with =. A date means the end of that day.'),
      get: text, set: body => put(now(), body.trim()) },
  ];
}

// A message or an error stands once in the file and is referred to.
function referred(use, injector, holder, name, type) {
  const { inner, moddle, modeling } = use;
  const definitions = injector.get('bpmnjs').getDefinitions();
  const roots = () => (definitions.rootElements || []).filter(one => one.$type === type);
  const attribute = `${name}Ref`, chosen = holder.get(attribute);
  const labels = { message: [say('Message'), say('new message …')], error: [say('Error'), say('new error …')] }[name];
  const fields = [{ id: attribute, label: labels[0], kind: 'select', redraws: true, get: () => chosen?.id || '',
    options: [['', say('(none)')], ...roots().map(one => [one.id, one.name || one.id]), ['+', labels[1]]],
    set: id => {
      let target = roots().find(one => one.id === id);
      if (id === '+') {
        target = moddle.create(type, { id: moddle.ids.nextPrefixed(`${name}_`), name: '' });
        target.name = name === 'message' ? say('New message') : say('New error');
        target.$parent = definitions;
        modeling.updateModdleProperties(use.element, definitions, { rootElements: [...definitions.rootElements, target] });
      }
      inner(holder, { [attribute]: target });
    } }];
  if (!chosen) return fields;
  const part = (key, label) => ({ id: `${name}-${key}`, label, get: () => chosen.get(key), set: text => inner(chosen, { [key]: text.trim() || undefined }) });
  fields.push(part('name', say('What it is called')));
  if (name === 'error') return [...fields, part('errorCode', say('Code'))];
  return [...fields,
    { id: 'message-roles', label: say('Reported by'), kind: 'checks', options: known.roles.map(one => [one.key, one.name]),
      get: () => (chosen.get('sm:roles') || '').split(/[\s,]+/).filter(Boolean), set: roles => inner(chosen, { 'sm:roles': roles.join(' ') || undefined }) },
    { id: 'message-form', label: say('Form'), kind: 'select', options: [['', say('(none)')], ...known.forms.map(one => [one.key, `${one.name} (${one.key})`])],
      get: () => chosen.get('sm:form'), set: key => inner(chosen, { 'sm:form': key || undefined }) }];
}
