// The server's verdict: a list with links, and a sign on each element. Nothing is judged here.
import { make, page, say } from './page.js';

const list = document.getElementById('findings-list');
const count = document.getElementById('findings-count');

let judged = 0;

// Whether an answer is about what was saved last: a check that was asked for before may arrive after it.
export function isLatest(answer) {
  if (answer.judged < judged) return false;
  judged = answer.judged ?? judged;
  return true;
}

const here = finding => finding.kind === page.kind && finding.key === page.key;

// go(element) shows an element of this file, or returns false if there is none of that id; way(finding), if given, draws
// the way that breaks a rule.
export function showFindings(findings, go, way = undefined) {
  const own = findings.filter(here), others = findings.filter(finding => !here(finding) && !finding.known);
  const known = findings.filter(finding => !here(finding) && finding.known);
  const errors = findings.filter(finding => finding.severity === 'error').length;
  count.textContent = findings.length
    ? say('%(errors)s errors, %(warnings)s remarks', { errors, warnings: findings.length - errors - known.length })
    : say('No errors: this draft keeps every rule.');
  list.replaceChildren(...own.map(finding => item(finding, go, way)),
    ...(others.length ? [make('li', { class: 'sub' }, say('In other files of this draft:')), ...others.map(finding => item(finding, undefined, way))] : []),
    ...(known.length ? [make('li', {}, make('details', {},
      make('summary', {}, say('%(count)s remarks on what holds already, not on this change', { count: known.length })),
      make('ul', {}, ...known.map(finding => item(finding)))))] : []));
}

function item(finding, go, way) {
  const sign = finding.severity === 'error' ? '!' : '?';
  const label = finding.severity === 'error' ? say('Error') : say('Remark');
  const place = finding.element_name || finding.key_name;
  let link = make('b', {}, place);
  if (!go) link = finding.address ? make('a', { href: finding.address }, place) : link;
  else if (finding.element) link = make('button', { type: 'button', class: 'plain', onclick: () => { way?.(finding); go(finding.element); } }, place);
  return make('li', { class: `finding ${finding.severity}`, 'data-element': finding.element, 'data-rule': finding.rule },
    make('span', { class: 'flag', role: 'img', 'aria-label': label }, sign), ' ', link, say(': '), finding.said,
    way && finding.way?.length ? ' ' : null, way && finding.way?.length ? make('button', { type: 'button', class: 'plain', onclick: () => way(finding, true) }, say('Show the way')) : null,
    finding.help ? ' ' : null, finding.help ? make('a', { href: finding.help, target: '_blank', rel: 'noopener' }, say('Why?')) : null);
}

// element → its findings, for the signs on the canvas
export function byElement(findings) {
  const found = new Map();
  for (const finding of findings.filter(here)) {
    if (finding.element) found.set(finding.element, [...(found.get(finding.element) || []), finding]);
  }
  return found;
}
