// The editor of decision tables: bpmn.io's tables, and the server's verdict on every cell.
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn.css';
import './editor/editor.css';
import EditingManager from 'dmn-js-shared/lib/base/EditingManager';
import DecisionTable from 'dmn-js-decision-table/lib/Editor';
import LiteralExpression from 'dmn-js-literal-expression/lib/Editor';
import { Editor as BoxedExpression } from 'dmn-js-boxed-expression';
import { getBoxedExpression, is } from 'dmn-js-shared/lib/util/ModelUtil';
import words from './editor/dmn-zh.json';
import { Autosave } from './editor/autosave.js';
import { isLatest, showFindings } from './editor/findings.js';
import { ask, failed, make, page, ready, say } from './editor/page.js';
import { missing, translateTexts, translating } from './editor/translate.js';

// The tables of the procedures have no drawing of what needs what, so the editor has none either.
class Tables extends EditingManager {
  _getViewProviders() {
    return [
      { id: 'decisionTable', constructor: DecisionTable, opens: element => is(element, 'dmn:Decision') && is(element.decisionLogic, 'dmn:DecisionTable') },
      { id: 'literalExpression', constructor: LiteralExpression, opens: element => is(element, 'dmn:Decision') && is(element.decisionLogic, 'dmn:LiteralExpression') },
      { id: 'boxedExpression', constructor: BoxedExpression, opens: element => is(element, 'dmn:BusinessKnowledgeModel') && getBoxedExpression(element) },
    ];
  }
}

const canvas = document.getElementById('canvas'), chooser = document.getElementById('views');

// A finding about a cell names it so: "table 2:1" (row, column; - for the whole).
function placeOf(text) {
  const [, id, row, column] = text.match(/^(.*?)(?: (\d+|-):(\d+|-))?$/);
  return { id, row: +row || 0, column: +column || 0 };
}

async function main() {
  const part = { additionalModules: [translating(words)] };
  const editor = new Tables({ container: canvas, common: {}, decisionTable: part, literalExpression: part, boxedExpression: part });
  translateTexts(canvas, words);
  // A list of choices closes when the focus leaves it, so pressing on a choice must not move the focus.
  canvas.addEventListener('mousedown', event => { if (event.target.closest('.dms-select-options')) event.preventDefault(); }, true);
  const told = document.getElementById('told');
  const undo = document.getElementById('undo'), redo = document.getElementById('redo');
  const stack = () => editor.getActiveViewer()?.get('commandStack', false);

  function listViews() {
    const active = editor.getActiveView();
    chooser.replaceChildren(...editor.getViews().map((view, n) => make('option', { value: n, selected: view.element === active?.element }, view.name || view.id || view.element.id)));
  }
  let opening = false;
  async function show(element) {
    const view = editor.getViews().find(one => one.element === element);
    if (!view) return false;
    opening = true;
    await editor.open(view);
    opening = false;
    listViews();
    label();
    return true;
  }

  // Names for screen readers where the library leaves them out.
  function label() {
    canvas.querySelectorAll('h3').forEach(name => name.setAttribute('aria-level', 2)); // the page's own heading is the one above
    for (const head of canvas.querySelectorAll('th, td')) {
      if (head.tagName === 'TH' && !head.textContent.trim()) head.append(make('span', { class: 'vh' }, say('No.')));
    }
    canvas.querySelectorAll('[contenteditable]:not([aria-label])').forEach(cell => cell.setAttribute('aria-label', cell.closest('td, th')?.className.includes('output') ? say('Result') : say('Condition')));
  }

  const cellOf = ({ row, column }) => {
    const line = canvas.querySelectorAll('.tjs-container tbody tr')[row - 1];
    return line?.querySelectorAll('td.cell, td')[column] || line;
  };
  async function go(text) {
    const place = placeOf(text);
    const owner = editor.getViews().find(view => view.element.id === place.id || view.element.decisionLogic?.id === place.id || place.id.startsWith(`${view.element.id}.`));
    if (!owner) { told.textContent = say('This is no longer in the file.'); return; }
    if (editor.getActiveView()?.element !== owner.element) await show(owner.element);
    const cell = place.row ? cellOf(place) : canvas;
    cell?.scrollIntoView({ block: 'center', inline: 'nearest' });
    (cell?.querySelector('[contenteditable], textarea') || cell)?.focus();
  }
  function mark(findings) {
    canvas.querySelectorAll('[data-finding]').forEach(cell => cell.removeAttribute('data-finding'));
    const active = editor.getActiveView()?.element;
    for (const finding of findings.filter(one => one.kind === page.kind && one.key === page.key)) {
      const place = placeOf(finding.element);
      if (place.row && active && [active.id, active.decisionLogic?.id].includes(place.id)) cellOf(place)?.setAttribute('data-finding', finding.severity);
    }
  }
  let findings = [];
  function shown(answer) {
    if (!isLatest(answer)) return;
    findings = answer.findings || findings;
    showFindings(findings, go);
    mark(findings);
    if (answer.others !== undefined) document.getElementById('others').textContent = answer.others;
  }

  const open = async xml => { await editor.importXML(xml); const main = editor.getViews().find(view => view.element.id === page.key) || editor.getViews()[0]; await show(main.element); };
  await open(await (await fetch(page.source)).text());

  const saving = new Autosave(async () => (await editor.saveXML({ format: true })).xml, shown);
  const watched = new WeakSet();
  function watch() {
    const viewer = editor.getActiveViewer();
    if (!viewer || watched.has(viewer)) return;
    watched.add(viewer);
    // The library draws a cell anew when what changed has the cell's id; cells of files by hand have none in the file.
    viewer.on('elements.changed', ({ elements }) => {
      const nameless = new Set(elements.filter(one => !one.id));
      const cells = nameless.size ? viewer.get('sheet', false)?.getRoot()?.rows.flatMap(row => row.cells) || [] : [];
      const changed = cells.filter(cell => nameless.has(cell.businessObject));
      if (changed.length) viewer.get('eventBus').fire('elements.changed', { elements: changed });
    });
    viewer.on('commandStack.changed', () => {
      const commands = stack();
      [[undo, commands?.canUndo()], [redo, commands?.canRedo()]].forEach(([button, can]) => { button.disabled = !can; });
      if (!opening && commands?.canUndo()) edited = true;
      if (!opening && edited) saving.changed();
      label();
    });
  }
  let edited = false;
  watch();
  editor.on('views.changed', () => { watch(); listViews(); setTimeout(() => { label(); mark(findings); }); });
  chooser.addEventListener('change', () => show(editor.getViews()[+chooser.value].element));
  undo.addEventListener('click', () => stack()?.undo());
  redo.addEventListener('click', () => stack()?.redo());
  document.getElementById('check').addEventListener('click', async () => {
    await saving.soon.now();
    try { shown(await ask(page.check, {})); document.getElementById('findings').focus(); } catch (error) { told.textContent = error.message; }
  });
  saving.leftover(open);
  Object.assign(window, { shangmen: { editor, missing, saving, go } });
  ready();
  try { shown(await ask(page.check, {})); } catch (error) { told.textContent = error.message; }
}
main().catch(failed);
