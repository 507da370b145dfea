// The editor of forms: parts that the server can show and check, our own properties, and the server's picture of it.
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';
import './editor/editor.css';
import { FormEditor } from '@bpmn-io/form-js-editor';
import words from './editor/form-zh.json';
import { Autosave } from './editor/autosave.js';
import { FieldForm } from './editor/fields.js';
import { KINDS, groupsOf } from './editor/form-groups.js';
import { isLatest, showFindings } from './editor/findings.js';
import { ask, failed, later, make, page, ready, say } from './editor/page.js';
import { translateTexts } from './editor/translate.js';

const PREVIEW_MS = 500;

// The palette offers what the server's reader lets in.
function restrict(formFields) {
  for (const type of Object.keys(formFields._formFields)) if (!KINDS[type]) delete formFields._formFields[type];
}
restrict.$inject = ['formFields'];
const onlyOurs = { __init__: [restrict] };

async function main() {
  const canvas = document.getElementById('canvas'), box = document.getElementById('panel'), told = document.getElementById('told');
  const editor = new FormEditor({ container: canvas, additionalModules: [onlyOurs], propertiesPanel: { parent: document.createElement('div') } });
  translateTexts(canvas, words);
  const registry = () => editor.get('formFieldRegistry'), selection = editor.get('selection');
  let chosen = '';
  const form = new FieldForm(box, redraws => { if (redraws) setTimeout(draw); });
  const root = () => registry().getAll().find(field => field.type === 'default');
  const now = () => registry().get(chosen) || root();

  function draw() {
    const field = now();
    if (!field) return;
    const focused = document.activeElement?.id;
    const edit = change => {
      const part = registry().get(field.id);
      editor.get('modeling').editFormField(part, typeof change === 'function' ? change(part) : change);
    };
    form.draw(make('p', { class: 'what' }, make('b', {}, field.label || field.properties?.title || field.text || field.key || KINDS[field.type]?.() || field.type), ` · ${KINDS[field.type]?.() || field.type}`),
      groupsOf(field, edit));
    if (focused?.startsWith('p-')) document.getElementById(focused)?.focus();
  }
  const parts = document.getElementById('parts');
  function listParts() {
    const lines = [];
    const walk = (field, depth) => {
      lines.push(make('option', { value: field.id, selected: field.id === now()?.id }, `${'　'.repeat(depth)}${field.label || field.properties?.title || (field.text || '').slice(0, 20) || KINDS[field.type]?.() || field.type}`));
      (field.components || []).forEach(child => walk(child, depth + 1));
    };
    if (root()) walk(root(), 0);
    parts.replaceChildren(...lines);
  }
  const select = field => { form.flush(); chosen = field?.id || ''; draw(); listParts(); };
  editor.on('selection.changed', ({ selection: field }) => select(field || root()));
  parts.addEventListener('change', () => { const field = registry().get(parts.value); if (field.type === 'default') select(field); else selection.set(field); });

  function go(key) {
    const field = registry().getAll().find(one => one.key === key || one.id === key);
    if (!field) { told.textContent = say('This is no longer in the file.'); return; }
    selection.set(field);
    box.querySelector('input, textarea, select')?.focus();
  }
  function shown(answer) {
    if (!isLatest(answer)) return;
    if (answer.findings) showFindings(answer.findings, go);
    if (answer.others !== undefined) document.getElementById('others').textContent = answer.others;
  }
  const text = () => JSON.stringify(editor.getSchema());
  const preview = later(PREVIEW_MS, async () => {
    try { document.getElementById('preview').innerHTML = (await ask(page.preview, { content: text() })).html; } catch (error) { told.textContent = error.message; }
  });

  const open = async content => { await editor.importSchema(JSON.parse(content)); select(root()); preview.now(); };
  await open(await (await fetch(page.source)).text());
  const saving = new Autosave(async () => { form.flush(); return text(); }, shown);
  const stack = editor.get('commandStack');
  // The library shows the label of a date elsewhere than our forms have it.
  const name = later(50, () => canvas.querySelectorAll('.fjs-element input[data-input]:not([aria-label])').forEach(input =>
    input.setAttribute('aria-label', registry().get(input.closest('[data-id]')?.dataset.id)?.label || say('date'))));
  new MutationObserver(name).observe(canvas, { childList: true, subtree: true });
  let imported = true;
  editor.on('import.done', () => { imported = true; });
  editor.on('commandStack.changed', () => {
    for (const [id, can] of [['undo', stack.canUndo()], ['redo', stack.canRedo()]]) document.getElementById(id).disabled = !can;
    if (imported && !stack.canUndo()) return;
    imported = false;
    saving.changed();
    preview();
    listParts();
    if (!form.taking) draw();
  });
  document.getElementById('undo').addEventListener('click', () => stack.undo());
  document.getElementById('redo').addEventListener('click', () => stack.redo());
  document.getElementById('check').addEventListener('click', async () => {
    await saving.soon.now();
    try { shown(await ask(page.check, {})); document.getElementById('findings').focus(); } catch (error) { told.textContent = error.message; }
  });
  // Adding, moving and removing parts without a mouse: beside the list of parts.
  const modeling = () => editor.get('modeling');
  const add = document.getElementById('add-kind');
  add.replaceChildren(...Object.keys(KINDS).filter(type => type !== 'default').map(type => make('option', { value: type }, KINDS[type]())));
  const placeOf = field => { const parent = field._parent ? registry().get(field._parent) : root(); return { parent, index: parent.components.indexOf(field) }; };
  document.getElementById('add-part').addEventListener('click', () => {
    const field = now(), inside = field.type === 'default' || field.type === 'group';
    const { parent, index } = inside ? { parent: field, index: (field.components || []).length - 1 } : placeOf(field);
    const made = modeling().addFormField({ type: add.value, ...(add.value === 'text' ? { text: KINDS.text() } : { label: KINDS[add.value]() }), _parent: parent.id, layout: { row: editor.get('formLayouter').nextRowId(), columns: null } }, parent, index + 1);
    if (made) selection.set(made);
    box.querySelector('input, textarea, select')?.focus();
  });
  document.getElementById('remove-part').addEventListener('click', () => {
    const field = now();
    if (field.type === 'default') return;
    const { parent, index } = placeOf(field);
    modeling().removeFormField(field, parent, index);
    select(parent);
  });
  const move = step => () => {
    const field = now();
    if (field.type === 'default') return;
    const { parent, index } = placeOf(field), to = index + step;
    if (to < 0 || to >= parent.components.length) return;
    const row = editor.get('formLayouter').getRowForField(field);
    modeling().moveFormField(field, parent, parent, index, to, row, row);
    listParts();
  };
  document.getElementById('part-up').addEventListener('click', move(-1));
  document.getElementById('part-down').addEventListener('click', move(1));

  saving.leftover(open);
  Object.assign(window, { shangmen: { editor, saving, go } });
  ready();
  try { shown(await ask(page.check, {})); } catch (error) { told.textContent = error.message; }
}
main().catch(failed);
