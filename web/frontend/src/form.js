// The form of a task: shows and hides what depends on other answers, keeps drafts, warns before work is lost.
//
// A condition is a JSON tree made on the server (forms/conditions.py); it is evaluated as FEEL does, with null for
// "cannot tell". Without this script every such field is visible, with a sentence that says when to answer it.
import { fieldsOf, holds } from './parts/conditions.js';
import { offerPlaces } from './parts/places.js';
import { shrinkPhotos } from './parts/photos.js';

const DRAFT_PAUSE_MS = 15000;

function show(form, element, visible) {
  element.hidden = !visible;
  element.removeAttribute('data-hidden-now');
  // What is hidden is not sent: a disabled control posts nothing, and keeps its text in case it comes back.
  for (const control of element.querySelectorAll('input, select, textarea')) {
    control.disabled = control.closest('[data-hide][hidden]') !== null;
  }
}

function watchConditions(form) {
  const conditional = [...form.querySelectorAll('[data-hide]')].map(e => [e, JSON.parse(e.dataset.hide)]);
  const needed = [...form.querySelectorAll('[data-need]')].map(e => [e, JSON.parse(e.dataset.need)]);
  form.querySelectorAll('[data-hide] > [data-when], [data-hide] > fieldset > [data-when]').forEach(hint => hint.remove());

  function settle() {
    // Hidden answers count as none, so hiding may hide more: repeat until nothing changes.
    for (let round = 0; round <= conditional.length; round++) {
      const values = fieldsOf(form);
      let changed = false;
      for (const [element, tree] of conditional) {
        const visible = holds(tree, values) !== true;
        if (visible === element.hidden || element.hasAttribute('data-hidden-now')) changed = true;
        show(form, element, visible);
      }
      if (!changed) break;
    }
    const values = fieldsOf(form);
    for (const [element, tree] of needed) {
      const mark = element.querySelector('.opt');
      if (!mark) continue;
      mark.textContent = holds(tree, values) === true ? '' : mark.dataset.optional;
    }
  }

  form.addEventListener('input', settle);
  form.addEventListener('change', settle);
  settle();
}

function keepDrafts(form) {
  const status = form.querySelector('[data-draft-status]');
  const address = form.dataset.draftUrl;
  let dirty = false, leaving = false, timer = 0;

  async function save(keepalive) {
    if (!dirty || !address || leaving) return;
    const data = new FormData(form);
    for (const input of form.querySelectorAll('input[type=file]')) data.delete(input.name);
    dirty = false;
    try {
      // The answer is a redirect to the page; there is no need to fetch it.
      const answer = await fetch(address, { method: 'POST', body: data, redirect: 'manual', keepalive });
      if (answer.type !== 'opaqueredirect' && !answer.ok) throw new Error(String(answer.status));
      if (status) status.textContent = status.dataset.saved;
    } catch {
      dirty = true;
      if (status) status.textContent = status.dataset.failed;
    }
  }

  form.addEventListener('input', () => {
    dirty = true;
    if (status) status.textContent = '';
    clearTimeout(timer);
    timer = setTimeout(save, DRAFT_PAUSE_MS);
  });
  form.addEventListener('submit', event => { leaving = !event.defaultPrevented; });
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') save(true); });
  window.addEventListener('pageshow', () => { leaving = false; });
  window.addEventListener('beforeunload', event => {
    if (dirty && !leaving) event.preventDefault();
  });
}

for (const form of document.querySelectorAll('form[data-form]')) {
  watchConditions(form);
  shrinkPhotos(form);
  offerPlaces(form);
  keepDrafts(form);
}
document.querySelector('.errsum')?.focus();
