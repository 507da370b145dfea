// The editor of diagrams: bpmn.io's canvas, our own properties, and the server's verdict beside it.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import './editor/editor.css';
import Modeler from 'bpmn-js/lib/Modeler';
import minimap from 'diagram-js-minimap';
import canvasKeyboard from './editor/canvas-keyboard.js';
import findingSigns from './editor/finding-signs.js';
import offered, { keyOf } from './editor/offered.js';
import panel from './editor/panel.js';
import smModdle from './editor/sm-moddle.json';
import stepMenu from './editor/step-menu.js';
import steps from './editor/steps.js';
import shownWay from './editor/way.js';
import community from 'bpmn-js-i18n-zh/lib/bpmn-js/index.js';
import own from './editor/bpmnio-zh.json';
import { missing, translating } from './editor/translate.js';
import { Autosave } from './editor/autosave.js';
import { isLatest, showFindings } from './editor/findings.js';
import { ask, failed, later, page, ready, say } from './editor/page.js';

const ROOM = { left: 120, top: 30, right: 30, bottom: 60 };

const READABLE = 0.45;

// The diagram in view, clear of the palette and of bpmn.io's mark; small diagrams are not blown up, and large ones are
// only shown whole if the words on them need not stay readable.
function fit(modeler, least = 0) {
  const canvas = modeler.get('canvas'), { inner, outer } = canvas.viewbox();
  const scale = Math.min(1, (outer.width - ROOM.left - ROOM.right) / inner.width, (outer.height - ROOM.top - ROOM.bottom) / inner.height);
  if (!(scale > 0)) return;
  const enough = Math.max(scale, least);
  canvas.viewbox({ x: inner.x - ROOM.left / enough, y: inner.y - ROOM.top / enough, width: outer.width / enough, height: outer.height / enough });
}

async function main() {
  const modeler = new Modeler({
    container: document.getElementById('canvas'), moddleExtensions: { sm: smModdle },
    additionalModules: [translating({ ...community, ...own }), minimap, steps, canvasKeyboard, findingSigns, shownWay, offered, panel, stepMenu],
  });
  const keyboard = modeler.get('canvasKeyboard'), stack = modeler.get('commandStack'), way = modeler.get('shownWay');
  const told = document.getElementById('told');
  modeler.on('sm.say', ({ text }) => { told.textContent = text; });

  const go = element => { if (!keyboard.show(element)) told.textContent = say('This is no longer in the diagram.'); };
  function verdict(findings) {
    showFindings(findings, go, finding => way.show(finding));
    modeler.get('findingSigns').show(findings);
    way.judged(findings);
  }
  const outline = document.getElementById('outline');
  function shown(answer) {
    if (!isLatest(answer)) return;
    if (answer.findings) verdict(answer.findings);
    if (answer.outline) outline.innerHTML = answer.outline;
    if (answer.others !== undefined) document.getElementById('others').textContent = answer.others;
  }
  outline.addEventListener('click', event => {
    const step = event.target.closest('[data-step]');
    if (step) go(step.dataset.step);
  });

  const open = async xml => { await modeler.importXML(xml); fit(modeler, READABLE); };
  await open(await (await fetch(page.source)).text());

  const saving = new Autosave(async () => { modeler.get('panel').flush(); return (await modeler.saveXML({ format: true })).xml; }, shown);
  modeler.on('commandStack.changed', () => {
    for (const [id, can] of [['undo', stack.canUndo()], ['redo', stack.canRedo()]]) document.getElementById(id).disabled = !can;
    saving.changed();
  });
  document.getElementById('undo').addEventListener('click', () => stack.undo());
  document.getElementById('redo').addEventListener('click', () => stack.redo());
  document.getElementById('fit').addEventListener('click', () => fit(modeler));
  document.getElementById('check').addEventListener('click', async () => {
    await saving.soon.now();
    try { shown(await ask(page.check, {})); document.getElementById('findings').focus(); } catch (error) { told.textContent = error.message; }
  });
  saving.leftover(open);
  Object.assign(window, { shangmen: { modeler, missing, saving, keyOf } });
  ready();
  later(50, async () => { try { shown(await ask(page.check, {})); } catch (error) { told.textContent = error.message; } })();
}
main().catch(failed);
