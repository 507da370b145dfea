// bpmn.io's own words in Chinese: the community's package, and what it lacks. What is missing is collected for the test.
import core from 'bpmn-js-i18n-zh/lib/bpmn-js/index.js';
import own from './bpmnio-zh.json';
import { chinese } from './page.js';

const dictionary = { ...core, ...own };
export const missing = new Set();

export function translate(text, values = {}) {
  let found = text;
  if (chinese) {
    if (dictionary[text]) found = dictionary[text];
    else if (/[A-Za-z]{2}/.test(text)) missing.add(text);
  }
  return found.replace(/{([^}]+)}/g, (all, name) => values[name] ?? all);
}

export default { translate: ['value', translate] };
