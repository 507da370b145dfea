// Drawing without a mouse: insert a step into a flow, append one, attach a timer, connect. Each is one undo step.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { MergeSteps } from './merge-steps.js';
import { say } from './page.js';

const GAP = 50;

export const KINDS = [
  ['bpmn:UserTask', () => say("a person's task")],
  ['bpmn:BusinessRuleTask', () => say('decision table')],
  ['bpmn:ServiceTask', () => say("the machine's task")],
  ['bpmn:ScriptTask', () => say('calculation')],
  ['bpmn:CallActivity', () => say('a process of its own')],
  ['bpmn:ExclusiveGateway', () => say('either-or')],
  ['bpmn:ParallelGateway', () => say('all at once')],
  ['bpmn:IntermediateCatchEvent', () => say('wait for a time'), { eventDefinitionType: 'bpmn:TimerEventDefinition' }],
  ['bpmn:EndEvent', () => say('end')],
];

export const isNode = element => is(element, 'bpmn:FlowNode') && !element.labelTarget && Boolean(element.parent);
export const flowsOut = element => (element.outgoing || []).filter(flow => flow.type === 'bpmn:SequenceFlow');
export const flowsIn = element => (element.incoming || []).filter(flow => flow.type === 'bpmn:SequenceFlow');
export const isGateway = element => is(element, 'bpmn:Gateway');
export const canBeFollowed = element => isNode(element) && !is(element, 'bpmn:EndEvent');

class InsertStep {
  constructor(modeling, elementFactory, spaceTool, canvas) {
    Object.assign(this, { modeling, elementFactory, spaceTool, canvas });
  }

  // context: { source, flow (or undefined for a new way), attributes } → context.shape
  preExecute(context) {
    const { source, flow } = context;
    const shape = this.elementFactory.createShape(context.attributes);
    const lowest = Math.max(source.y + source.height / 2, ...flowsOut(source).map(way => way.target.y + way.target.height));
    const middle = flow || !flowsOut(source).length ? source.y + source.height / 2 : lowest + GAP + shape.height / 2;
    const left = source.x + source.width + GAP;
    this.makeRoom(source, left, shape.width, flow);
    if (!flow) this.makeRoomInLane(source, middle + shape.height / 2 + GAP / 2);
    const position = { x: left + shape.width / 2, y: middle };
    context.shape = this.modeling.createShape(shape, position, is(source, 'bpmn:BoundaryEvent') ? source.host.parent : source.parent);
    if (flow) {
      const target = flow.target;
      this.modeling.reconnectEnd(flow, context.shape, { x: position.x, y: position.y });
      if (!is(context.shape, 'bpmn:EndEvent')) this.modeling.connect(context.shape, target, { type: 'bpmn:SequenceFlow' });
    } else {
      this.modeling.connect(source, context.shape, { type: 'bpmn:SequenceFlow' });
    }
  }

  // Everything to the right moves on, as far as needed for the new step to stand between.
  makeRoom(source, left, width, flow) {
    const needed = left + width + GAP;
    const next = flow ? flow.target.x : needed;
    const missing = needed - next;
    if (missing <= 0 || next < left - GAP) return;
    const start = source.x + source.width + 1;
    const { movingShapes, resizingShapes } = this.spaceTool.calculateAdjustments(this.all(), 'x', missing, start);
    this.spaceTool.makeSpace(movingShapes, resizingShapes, { x: missing, y: 0 }, 'e', start);
  }

  // A step on a new way is done in the lane of the step before it: the lane grows downwards as far as needed.
  makeRoomInLane(source, bottom) {
    const middle = source.y + source.height / 2;
    const lanes = this.all().filter(one => is(one, 'bpmn:Lane') && one.y <= middle && middle <= one.y + one.height && one.x <= source.x && source.x <= one.x + one.width);
    const lane = lanes.sort((a, b) => a.height - b.height)[0];
    const missing = lane ? bottom - lane.y - lane.height : 0;
    if (missing <= 0) return;
    const start = lane.y + lane.height - 1;
    const { movingShapes, resizingShapes } = this.spaceTool.calculateAdjustments(this.all(), 'y', missing, start);
    this.spaceTool.makeSpace(movingShapes, resizingShapes, { x: 0, y: missing }, 's', start);
  }

  all() {
    const found = [];
    const walk = element => element.children.forEach(child => { found.push(child); if (child.children) walk(child); });
    walk(this.canvas.getRootElement());
    return found;
  }
}
InsertStep.$inject = ['modeling', 'elementFactory', 'spaceTool', 'canvas'];

class Steps {
  constructor(commandStack, modeling, elementFactory, bpmnRules) {
    Object.assign(this, { commandStack, modeling, elementFactory, bpmnRules });
    commandStack.registerHandler('steps.insert', InsertStep);
    commandStack.registerHandler('steps.merge', MergeSteps);
  }

  // Between the step and what follows it. A gateway, or a step that nothing follows, gets a new way instead.
  insertAfter(source, [type, label, more = {}], flow = undefined) {
    const named = type === 'bpmn:EndEvent' || isGateway({ businessObject: { $instanceOf: name => name === type } });
    const context = { source, flow, attributes: { type, ...more } };
    this.commandStack.execute('steps.insert', context);
    if (!named) this.modeling.updateProperties(context.shape, { name: say('New step') });
    return context.shape;
  }

  attachTimer(host) {
    return this.modeling.createShape(
      { type: 'bpmn:BoundaryEvent', eventDefinitionType: 'bpmn:TimerEventDefinition', cancelActivity: false },
      { x: host.x + host.width - 20, y: host.y + host.height }, host, { attach: true });
  }

  targets(source, all) {
    return all.filter(target => target !== source && this.bpmnRules.canConnect(source, target)?.type === 'bpmn:SequenceFlow'
      && !flowsOut(source).some(flow => flow.target === target));
  }

  connect(source, target) { return this.modeling.connect(source, target, { type: 'bpmn:SequenceFlow' }); }
}
Steps.$inject = ['commandStack', 'modeling', 'elementFactory', 'bpmnRules'];

export const nameOf = element => {
  const found = getBusinessObject(element);
  return (found.name || '').replace(/\s+/g, ' ').trim() || found.id;
};

export default { __init__: ['steps'], steps: ['type', Steps] };
