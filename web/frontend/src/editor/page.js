// What every editor page has: its data, the words of its language, and how it asks the server.

const data = id => JSON.parse(document.getElementById(id)?.textContent || 'null');

export const page = data('editor') || {};
export const known = data('known') || {};
const words = data('words') || {};

// The sentence in the reader's language; %(name)s stands for a value.
export function say(sentence, values = {}) {
  return (words[sentence] || sentence).replace(/%\((\w+)\)s/g, (all, name) => values[name] ?? all);
}

export const chinese = document.documentElement.lang.startsWith('zh');

function reason(status) {
  if (status === 303) return say('You were logged out. Log in again, then load this page again; your changes are kept in this browser.');
  if (status >= 400 && status < 500) return say('This cannot be saved here. Load the page again; your changes are kept in this browser.');
  return say('The server did not answer. Your changes are kept in this browser and saved when it does.');
}

export class Refused extends Error {
  constructor(status, answer) {
    super(answer.said || reason(status));
    Object.assign(this, { status, answer });
  }
}

// Posts JSON and returns the JSON of the answer; throws Refused for everything else, with what the server said.
export async function ask(address, body) {
  let response;
  try {
    response = await fetch(address, {
      method: 'POST', body: JSON.stringify(body), redirect: 'manual',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': page.csrf },
    });
  } catch {
    throw new Refused(0, {});
  }
  if (response.type === 'opaqueredirect') throw new Refused(303, {});
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

// A small DOM maker: make('button', { class: 'btn', onclick }, 'text', node…)
export function make(tag, attributes = {}, ...inside) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...inside.filter(part => part !== null && part !== undefined));
  return node;
}

export function later(wait, act) {
  let timer = 0;
  const call = (...values) => { clearTimeout(timer); timer = setTimeout(act, wait, ...values); };
  call.now = (...values) => { clearTimeout(timer); timer = 0; return act(...values); };
  return call;
}

// The page says itself that the browser is too old; once the editor stands, it is taken back.
export function ready() {
  document.getElementById('too-old')?.remove();
  document.documentElement.dataset.ready = '1';
}

export function failed(error) {
  console.error(error);
  const box = document.getElementById('too-old');
  if (box) box.hidden = false;
  document.documentElement.dataset.ready = 'error';
}
