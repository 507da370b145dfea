// The palette and menus of bpmn.io, without what cannot run here: the server says what is offered, for both.
import ReplaceMenuProvider from 'bpmn-js/lib/features/popup-menu/ReplaceMenuProvider.js';
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { known } from './page.js';

const list = new Set((known.offered || []).map(one => one.key));
const small = text => text[0].toLowerCase() + text.slice(1);

// What the server calls it: kind:event, and for a start event where it stands.
export function keyOf({ type, eventDefinitionType, triggeredByEvent, isExpanded }, parent) {
  const kind = small(type.replace('bpmn:', ''));
  if (kind === 'subProcess' && triggeredByEvent) return 'subProcess:event';
  if (isExpanded === false) return `${kind}:collapsed`;
  const key = eventDefinitionType ? `${kind}:${small(eventDefinitionType.replace(/^bpmn:|EventDefinition$/g, ''))}` : kind;
  if (kind !== 'startEvent' || !parent || !is(parent, 'bpmn:SubProcess')) return key;
  return `${key}/${getBusinessObject(parent).triggeredByEvent ? 'handler' : 'inside'}`;
}

export const isOffered = (target, parent) => list.has(keyOf(target, parent));

const CREATED = {
  'create.start-event': 'bpmn:StartEvent', 'create.intermediate-event': 'bpmn:IntermediateThrowEvent', 'create.end-event': 'bpmn:EndEvent',
  'create.exclusive-gateway': 'bpmn:ExclusiveGateway', 'create.task': 'bpmn:Task', 'create.data-object': 'bpmn:DataObjectReference',
  'create.data-store': 'bpmn:DataStoreReference', 'create.subprocess-expanded': 'bpmn:SubProcess', 'create.participant-expanded': 'bpmn:Participant',
  'create.group': 'bpmn:Group',
  'append.receive-task': 'bpmn:ReceiveTask', 'append.end-event': 'bpmn:EndEvent', 'append.gateway': 'bpmn:ExclusiveGateway',
  'append.append-task': 'bpmn:Task', 'append.intermediate-event': 'bpmn:IntermediateThrowEvent', 'append.text-annotation': 'bpmn:TextAnnotation',
  'append.compensation-activity': 'bpmn:Compensation',
};
const AWAITED = { 'append.message-intermediate-event': 'Message', 'append.timer-intermediate-event': 'Timer', 'append.condition-intermediate-event': 'Conditional', 'append.signal-intermediate-event': 'Signal' };

function targetOf(id) {
  if (AWAITED[id]) return { type: 'bpmn:IntermediateCatchEvent', eventDefinitionType: `bpmn:${AWAITED[id]}EventDefinition` };
  return CREATED[id] && { type: CREATED[id] };
}

// Tools (hand, connect, remove …) create nothing and stay.
function only(entries) {
  return Object.fromEntries(Object.entries(entries).filter(([id]) => {
    const target = targetOf(id);
    return target ? isOffered(target) : !/^(create|append)\./.test(id);
  }));
}

class OfferedEntries {
  constructor(palette, contextPad) {
    palette.registerProvider(100, { getPaletteEntries: () => only });
    contextPad.registerProvider(100, { getContextPadEntries: () => only });
  }
}
OfferedEntries.$inject = ['palette', 'contextPad'];

class OfferedReplacements extends ReplaceMenuProvider {
  _createEntries(element, options) {
    return super._createEntries(element, options.filter(option => !option.target || isOffered(option.target, element.parent)));
  }

  // Conditions and default ways are for gateways that choose.
  _createSequenceFlowEntries(flow, options) {
    const chooses = isAny(flow.source, ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway']);
    return super._createSequenceFlowEntries(flow, chooses ? options : options.filter(option => option.actionName === 'replace-with-sequence-flow'));
  }

  getPopupMenuHeaderEntries(element) {
    const several = list.has('multiInstance') ? ['toggle-parallel-mi', 'toggle-sequential-mi'] : [];
    return Object.fromEntries(Object.entries(super.getPopupMenuHeaderEntries(element))
      .filter(([id]) => [...several, 'toggle-non-interrupting'].includes(id)));
  }
}

export default { __init__: ['offeredEntries'], offeredEntries: ['type', OfferedEntries], replaceMenuProvider: ['type', OfferedReplacements] };
