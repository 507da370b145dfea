// What people call a kind of element, in the words that the server's pictures use, too.
import { getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';
import { say } from './page.js';

const NAMES = {
  Task: () => say('step'), UserTask: () => say("a person's task"), ManualTask: () => say('work without a form'),
  ServiceTask: () => say("the machine's task"), ScriptTask: () => say('calculation'), BusinessRuleTask: () => say('decision table'),
  SendTask: () => say('message sent'), ReceiveTask: () => say('message awaited'), CallActivity: () => say('a process of its own'),
  SubProcess: () => say('subprocess'), ExclusiveGateway: () => say('either-or'), ParallelGateway: () => say('all at once'),
  InclusiveGateway: () => say('one or several'), EventBasedGateway: () => say('whatever happens first'),
  StartEvent: () => say('start'), EndEvent: () => say('end'), IntermediateCatchEvent: () => say('wait'),
  IntermediateThrowEvent: () => say('event'), BoundaryEvent: () => say('event during a step'),
  SequenceFlow: () => say('flow'), Lane: () => say('lane'), Participant: () => say('process'), Process: () => say('process'),
  Collaboration: () => say('process'), TextAnnotation: () => say('remark in the picture'), Group: () => say('frame in the picture'),
};
const EVENTS = { Timer: () => say('timer'), Message: () => say('message'), Error: () => say('error'), Terminate: () => say('ends everything') };

export function kindOf(element) {
  const tag = element.type.replace('bpmn:', '');
  const event = (getBusinessObject(element).eventDefinitions || [])[0]?.$type.replace(/^bpmn:|EventDefinition$/g, '');
  const name = NAMES[tag]?.() || tag;
  return EVENTS[event] ? `${name} (${EVENTS[event]()})` : name;
}
