// Two people's tasks become one: the later one stays, where the earlier one stood, with the questions, the timers and the
// ways of both. A choice that stood between the two is made afterwards, of the answers.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { ask, known, page } from './page.js';
import { flowsIn, flowsOut } from './steps.js';

const sole = ways => (ways.length === 1 ? ways[0] : null);
const isTask = element => Boolean(element) && is(element, 'bpmn:UserTask') && !getBusinessObject(element).loopCharacteristics;
const middle = shape => ({ x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 });
const meet = (one, other) => Math.abs(one.x - other.x) < one.width && Math.abs(one.y - other.y) < one.height;
const laneOf = shape => getBusinessObject(shape).lanes?.[0];
const roleOf = task => getBusinessObject(task).get('sm:role') || laneOf(task)?.get('sm:role') || '';

// { first, second, choice, between, after }, or nothing when the task has no task right behind it.
export function pairOf(first) {
  const leaving = isTask(first) && sole(flowsOut(first));
  if (!leaving) return null;
  const choice = is(leaving.target, 'bpmn:ExclusiveGateway') && sole(flowsIn(leaving.target)) ? leaving.target : null;
  const between = choice ? sole(flowsOut(choice).filter(flow => isTask(flow.target))) : leaving;
  const second = between && isTask(between.target) && between.target !== first ? between.target : null;
  const after = second && sole(flowsOut(second));
  return after && after.target !== first ? { first, second, choice, between, after, leaving } : null;
}

// The questions of the second are only asked on the way that led to it.
function hidden({ choice, between }) {
  if (!choice) return '';
  const condition = flow => (getBusinessObject(flow).conditionExpression?.body || '').replace(/^=/, '');
  const own = condition(between);
  if (own) return `not(${own})`;
  return flowsOut(choice).filter(flow => flow !== between).map(flow => `(${condition(flow)})`).join(' or ');
}

export class MergeSteps {
  constructor(modeling) { this.modeling = modeling; }

  preExecute({ pair: { first, second, choice, between, after, leaving }, form }) {
    const { modeling } = this, next = after.target;
    for (const flow of flowsIn(first)) modeling.reconnectEnd(flow, second, middle(second));
    modeling.removeConnection(after);
    if (choice) {
      modeling.reconnectStart(leaving, second, middle(second));
      modeling.reconnectEnd(between, next, middle(next));
    } else {
      modeling.removeConnection(leaving);
      modeling.connect(second, next, { type: 'bpmn:SequenceFlow' });
    }
    this.takeThePlace(first, second);
    modeling.removeShape(first);
    if (form) modeling.updateProperties(second, { 'sm:form': form });
  }

  // The second stands where the first stood, with the timers of both side by side; a step of another lane stays in it.
  takeThePlace(first, second) {
    const { modeling } = this, own = [...second.attachers];
    if (laneOf(first) === laneOf(second)) modeling.moveShape(second, { x: first.x - second.x, y: first.y - second.y });
    const at = { x: second.x - first.x, y: second.y + second.height - first.y - first.height };
    for (const event of [...first.attachers]) modeling.moveElements([event], at, second, { attach: true });
    for (const event of own) {
      const free = Math.max(...second.attachers.filter(one => one !== event).map(one => one.x + one.width), second.x);
      if (second.attachers.some(one => one !== event && meet(one, event))) modeling.moveShape(event, { x: free + 6 - event.x, y: 0 });
    }
  }
}
MergeSteps.$inject = ['modeling'];

// Asks the server for the one form of both, then draws. Throws what the server refuses.
export async function mergeSteps(pair, commandStack) {
  const [first, second] = [pair.first, pair.second].map(task => getBusinessObject(task).get('sm:form') || '');
  let form = first || second;
  if (first && second && first !== second) {
    const begun = await ask(page.combine, { first, second, hide: hidden(pair), role: roleOf(pair.second) });
    if (!known.forms.some(one => one.key === begun.key)) known.forms.push({ key: begun.key, name: begun.name });
    form = begun.key;
  }
  commandStack.execute('steps.merge', { pair, form });
}
