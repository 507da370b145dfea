// A new form, table or process while one draws: asked for in a dialog, begun by the server, chosen at once.
import { ask, known, make, page, say } from './page.js';

const LISTS = { form: 'forms', decision: 'decisions', process: 'processes', document: 'documents' };
const TITLES = { form: () => say('New form'), decision: () => say('New table'), process: () => say('New process'), document: () => say('New paper') };
export const NEW = '+';
const ENTRIES = { form: () => say('new form …'), decision: () => say('new table …'), process: () => say('new process …'), document: () => say('new paper …') };

// The last choice of a list: one that is not there yet.
export const newEntry = kind => [NEW, ENTRIES[kind]()];

function freeKey(kind) {
  const taken = new Set(known[LISTS[kind]].map(one => one.key));
  for (let n = 1; ; n += 1) if (!taken.has(`${page.key}_${kind}_${n}`)) return `${page.key}_${kind}_${n}`.toLowerCase();
}

// used(key): chosen · left(): the dialog was left without a new file
export function beginFile(kind, used, left) {
  const dialog = document.getElementById('question');
  const name = make('input', { id: 'new-name', type: 'text', maxlength: 60, autocomplete: 'off' });
  const key = make('input', { id: 'new-key', type: 'text', maxlength: 60, autocomplete: 'off', 'aria-describedby': 'new-key-hint' });
  key.value = freeKey(kind);
  const problem = make('p', { class: 'problem', id: 'new-problem', role: 'alert' });
  let done = false;
  const form = make('form', { method: 'dialog', onsubmit: async event => {
    event.preventDefault();
    try {
      const begun = await ask(page.begin, { kind, key: key.value.trim(), name: name.value });
      known[LISTS[kind]].push({ key: begun.key, name: begun.name });
      done = true;
      dialog.close();
      used(begun.key);
    } catch (error) {
      problem.textContent = error.message;
      (name.value.trim() ? key : name).focus();
    }
  } }, make('h2', {}, TITLES[kind]()),
  make('label', { for: 'new-name' }, say('What it is called')), name,
  make('label', { for: 'new-key' }, say('Key')), make('p', { class: 'hint', id: 'new-key-hint' }, say('Small letters, digits and _. Expressions and other files use it.')), key, problem,
  make('div', { class: 'actions' }, make('button', { class: 'btn' }, say('Begin it')), make('button', { class: 'btn sec', type: 'button', onclick: () => dialog.close() }, say('Cancel'))));
  dialog.setAttribute('aria-label', TITLES[kind]());
  dialog.replaceChildren(form);
  dialog.addEventListener('close', () => { if (!done) left(); }, { once: true });
  dialog.showModal();
  name.focus();
}

// Where a chosen file is edited; nothing for none.
export const editLink = (kind, key) => (key && known[LISTS[kind]].some(one => one.key === key) && page.edit?.[kind]
  ? make('a', { href: page.edit[kind] + encodeURIComponent(key), target: '_blank', rel: 'noopener' }, say('Edit %(name)s (new window)', { name: known[LISTS[kind]].find(one => one.key === key).name })) : null);
