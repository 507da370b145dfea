// Which properties an element has: what the server's reader of diagrams understands, and nothing else.
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { known, say } from './page.js';
import { eventGroup } from './panel-events.js';
import { NEW, beginFile, editLink, newEntry } from './new-file.js';
import { flowsOut, isGateway, nameOf } from './steps.js';

const none = () => ['', say('(none)')];
const options = (found, empty = none()) => [empty, ...found.map(one => [one.key, one.name === one.key ? one.key : `${one.name} (${one.key})`])];

// Attributes of our own namespace, on the element itself.
export function tools(element, injector) {
  const modeling = injector.get('modeling'), moddle = injector.get('moddle');
  const node = getBusinessObject(element);
  const update = values => modeling.updateProperties(element, values);
  return {
    element, node, modeling, moddle, update,
    inner: (part, values) => modeling.updateModdleProperties(element, part, values),
    own: (name, label, more = {}) => ({
      id: name, label, get: () => node.get(`sm:${name}`) || '', set: value => update({ [`sm:${name}`]: value.trim() || undefined }), ...more,
    }),
  };
}

export function groupsOf(element, injector) {
  const use = tools(element, injector);
  return [is(element, 'bpmn:Collaboration') ? null : general(use), whole(use), who(use, injector), work(use), duties(use, injector), decision(use), service(use, injector), script(use), call(use),
    condition(use), ways(use, injector), eventGroup(use, injector), loop(use)].filter(Boolean);
}

// A list of files, with the way to a new one and to the chosen one.
function fileField(use, injector, kind, field, choices) {
  const redraw = () => injector.get('panel').draw(true);
  return { ...field, kind: 'select', options: [...options(choices), newEntry(kind)], redraws: true, after: () => editLink(kind, field.get()),
    set: key => (key === NEW ? beginFile(kind, begun => { field.set(begun); redraw(); }, redraw) : field.set(key)) };
}

const group = (title, fields) => ({ title, fields });

function general({ node, update }) {
  const fields = [{ id: 'name', label: say('Name in the diagram'), kind: node.$type === 'bpmn:TextAnnotation' ? 'long' : 'text',
    get: () => node.name, set: value => update({ name: value }) }, { label: say('Id'), shown: node.id }];
  return group(say('General'), fields);
}

// The process itself: on its pool, on the free canvas, or on the diagram without a pool.
function whole({ element, node, inner }) {
  const pools = is(element, 'bpmn:Collaboration') ? node.participants || [] : is(element, 'bpmn:Participant') ? [node] : [];
  const process = is(element, 'bpmn:Process') ? node : pools.map(pool => pool.processRef).find(Boolean);
  if (!process) return null;
  return group(say('Process'), [
    { id: 'process-name', label: say('What the process is called'), get: () => process.name, set: value => inner(process, { name: value }) },
    { id: 'title', label: say('What the worklist calls a case'), kind: 'feel', hint: say('FEEL, for example =name + " of " + year'),
      get: () => process.get('sm:title'), set: text => inner(process, { 'sm:title': text.trim() || undefined }) },
  ]);
}

function who(use, injector) {
  const { element, own } = use;
  if (!isAny(element, ['bpmn:Lane', 'bpmn:UserTask'])) return null;
  const task = is(element, 'bpmn:UserTask'), inherited = task ? ['', say('(as the lane says)')] : none();
  const role = own('role', say('Role'), { kind: 'select', options: options(known.roles, inherited) });
  return group(say('Who does it'), [
    task ? { ...role, redraws: true, set: key => setRole(use, key, injector.get('eventBus')) } : role,
    own('level', say('Level of the unit'), { kind: 'select', options: options(known.levels, inherited) }),
    own('tenant', say('Or a unit named in the case'), { kind: 'feel', hint: say('FEEL that gives the id of a unit; then no level is needed.') }),
  ]);
}

// A task goes to the level where somebody has its role: where there is only one, nobody has to look for it.
function setRole({ node, update }, role, eventBus) {
  const held = known.roles.find(one => one.key === role)?.levels || [], lane = node.lanes?.[0]?.get('sm:level');
  const own = node.get('sm:level'), fits = held.includes(own || lane);
  const level = fits ? own : held.includes(lane) ? undefined : held.length === 1 ? held[0] : held.length ? undefined : own;
  update({ 'sm:role': role || undefined, 'sm:level': level });
  if (level && level !== own) {
    eventBus.fire('sm.say', { text: say('Only units of this level have somebody with the role: %(level)s.', { level: known.levels.find(one => one.key === level)?.name || level }) });
  }
}

const DUE = [['sm:dueWorkingDays', () => say('working days')], ['sm:dueDays', () => say('days')], ['sm:dueMonths', () => say('months')]];

function work(use, injector) {
  const { element, node, update, own } = use;
  if (!is(element, 'bpmn:UserTask')) return null;
  const set = () => DUE.find(([name]) => node.get(name)) || DUE[0];
  const due = (unit, text) => Object.fromEntries(DUE.map(([name]) => [name, name === unit ? text.trim() || undefined : undefined]));
  return group(say('Work'), [
    fileField(use, injector, 'form', own('form', say('Form')), known.forms),
    { id: 'due', label: say('Due after'), kind: 'feel', hint: say('A number or FEEL, for example =5 or =profile.days_max. Empty: no due date.'),
      get: () => node.get(set()[0]) || '', set: text => update(due(set()[0], /^\d+$/.test(text.trim()) ? `=${text.trim()}` : text)) },
    { id: 'due-unit', label: say('Counted in'), kind: 'select', options: DUE.map(([name, text]) => [name, text()]),
      get: () => set()[0], set: unit => update(due(unit, node.get(set()[0]) || '')) },
    own('dueFrom', say('Counted from'), { kind: 'feel', hint: say('FEEL that gives a date. Empty: the day on which the task begins.') }),
  ]);
}

function duties({ element, node, update }, injector) {
  if (!is(element, 'bpmn:UserTask')) return null;
  const mine = (known.duties || []).filter(duty => duty.elements.some(one => one.key === node.id));
  const rules = mine.map(duty => ({
    shown: `${duty.name}${say(': ')}${say('nobody does more than one of %(steps)s in one case.', { steps: duty.elements.map(one => one.name).join(say(', ')) })}`,
  }));
  const own = () => (node.get('sm:apart') || '').split(/[\s,]+/).filter(Boolean);
  const here = injector.get('elementRegistry').filter(one => is(one, 'bpmn:UserTask') && one !== element && !one.labelTarget).map(one => [one.id, nameOf(one)]);
  const others = own().filter(id => !here.some(([key]) => key === id)).map(id => [id, id]);
  return group(say('Separation of duties'), [...(mine.length ? rules : [{ shown: say('No rule names this step.') }]),
    { id: 'apart', label: say('Not done by whoever did'), kind: 'checks', options: [...here, ...others], get: own,
      set: chosen => update({ 'sm:apart': chosen.join(' ') || undefined }) }]);
}

function decision(use, injector) {
  const { element, own } = use;
  if (!is(element, 'bpmn:BusinessRuleTask')) return null;
  return group(say('Decision table'), [fileField(use, injector, 'decision', own('decision', say('Table')), known.decisions),
    own('result', say('Result goes to the variable'))]);
}

// Which paper the machine makes stands inside its FEEL context; the rest of what is written there stays.
const PAPER = /(\bdocument\s*:\s*)"((?:[^"\\]|\\.)*)"/;

function paper(use, injector) {
  const { node, update } = use;
  const written = () => node.get('sm:input') || '';
  const fresh = key => `={document: "${key}", name: ${JSON.stringify(known.documents.find(one => one.key === key)?.name || key)}}`;
  return fileField(use, injector, 'document', { id: 'paper', label: say('Paper'), get: () => written().match(PAPER)?.[2] || '',
    set: key => { if (key) update({ 'sm:input': PAPER.test(written()) ? written().replace(PAPER, (_, head) => `${head}"${key}"`) : fresh(key) }); } }, known.documents);
}

function service(use, injector) {
  const { element, node, own } = use;
  if (!is(element, 'bpmn:ServiceTask')) return null;
  const places = node.get('sm:connector') === 'reserve';
  const hint = places ? say('={pool: …, slot: …, capacity: …}: whose places, when, and how many there are. The result has “reserved”: true or false.')
    : say('A FEEL context, for example ={document: "notice", name: "…"}');
  return group(say('What the machine does'), [
    own('connector', say('Kind'), { kind: 'select', redraws: true, options: options(known.connectors) }),
    ...(node.get('sm:connector') === 'document' ? [paper(use, injector)] : []),
    own('input', say('With what'), { kind: 'feel', hint }),
    own('result', say('Result goes to the variable')),
  ]);
}

function script({ element, node, update }) {
  if (!is(element, 'bpmn:ScriptTask')) return null;
  return group(say('Calculation'), [{ id: 'script', label: say('New values'), kind: 'feel', hint: say('A FEEL context: {name: value, …}'),
    get: () => node.script, set: text => update({ script: text || undefined, scriptFormat: 'feel' }) }]);
}

function call(use, injector) {
  const { element, node, update } = use;
  if (!is(element, 'bpmn:CallActivity')) return null;
  return group(say('Called process'), [fileField(use, injector, 'process', { id: 'called', label: say('Process'),
    get: () => node.calledElement, set: key => update({ calledElement: key || undefined }) }, known.processes)]);
}

function conditionFields({ element, node, modeling, moddle }, prefix, name) {
  const source = element.source, chosen = getBusinessObject(source);
  const isDefault = () => chosen.default === node;
  const fields = [];
  if (!isDefault()) fields.push({ id: `${prefix}condition`, label: name ? say('Condition of the way to %(name)s', { name }) : say('Condition'), kind: 'feel', hint: say('FEEL that is true or false, for example =opinion = "agree"'),
    get: () => node.conditionExpression?.body, set: text => modeling.updateProperties(element,
      { conditionExpression: text.trim() ? moddle.create('bpmn:FormalExpression', { body: text.trim() }) : undefined }) });
  if (isAny(source, ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway'])) {
    fields.push({ id: `${prefix}default`, label: name ? say('%(name)s is taken when no other condition is true', { name }) : say('Taken when no other condition is true'), kind: 'check', get: isDefault,
      set: on => modeling.updateProperties(source, { default: on ? node : undefined }) });
  }
  return fields;
}

function condition(use) {
  if (!is(use.element, 'bpmn:SequenceFlow') || !isGateway(use.element.source)) return null;
  return group(say('When this way is taken'), conditionFields(use, '', ''));
}

// The ways out of a gateway, on the gateway itself: so they need no pointing at lines.
function ways({ element }, injector) {
  if (!isAny(element, ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway'])) return null;
  return group(say('When which way is taken'), flowsOut(element).flatMap((flow, n) => {
    const use = tools(flow, injector), name = nameOf(flow.target);
    return [{ id: `way${n}-name`, label: say('What the way to %(name)s is called', { name }), get: () => use.node.name, set: text => use.update({ name: text || undefined }) },
      ...conditionFields(use, `way${n}-`, name)];
  }));
}

function loop({ element, node, update, inner, moddle }) {
  if (!is(element, 'bpmn:Activity')) return null;
  const each = node.loopCharacteristics;
  if (each && each.$type !== 'bpmn:MultiInstanceLoopCharacteristics') return null;
  const now = () => (each ? (each.isSequential ? 'sequential' : 'parallel') : '');
  const fields = [{ id: 'each', label: say('How often'), kind: 'select', redraws: true, get: now,
    options: [['', say('once')], ['parallel', say('for each item, all at once')], ['sequential', say('for each item, one after another')]],
    set: kind => update({ loopCharacteristics: !kind ? undefined : each ? Object.assign(each, { isSequential: kind === 'sequential' })
      : moddle.create('bpmn:MultiInstanceLoopCharacteristics', { isSequential: kind === 'sequential' }) }) }];
  if (each) {
    const part = (name, label, more) => ({ id: name, label, get: () => each.get(`sm:${name}`), set: text => inner(each, { [`sm:${name}`]: text.trim() || undefined }), ...more });
    fields.push(part('collection', say('List'), { kind: 'feel', hint: say('A variable or FEEL that gives a list.') }), part('element', say('Each item is called')),
      part('outputCollection', say('Results go to the list')), part('outputElement', say('Each result is called')));
  }
  return group(say('Repetition'), fields);
}
