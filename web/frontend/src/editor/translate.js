// bpmn.io's own words in Chinese. What a dictionary lacks is collected, and a test looks at the collection.
import { chinese } from './page.js';

export const missing = new Set();

export function translator(dictionary) {
  return function translate(text, values = {}) {
    let found = text;
    if (chinese && dictionary[text] !== undefined) found = dictionary[text];
    else if (chinese && /[A-Za-z]{2}/.test(text)) missing.add(text);
    return found.replace(/{([^}]+)}/g, (all, name) => values[name] ?? all);
  };
}

export const translating = dictionary => ({ translate: ['value', translator(dictionary)] });

// For what a library says without asking for a translation: known texts are replaced as they appear.
export function translateTexts(root, dictionary) {
  if (!chinese) return;
  const names = ['title', 'placeholder', 'aria-label'];
  const words = node => {
    const text = node.nodeValue.trim();
    if (text && Object.hasOwn(dictionary, text)) node.nodeValue = node.nodeValue.replace(text, dictionary[text]);
  };
  const element = node => {
    for (const name of names) {
      const value = node.getAttribute(name);
      if (value && Object.hasOwn(dictionary, value)) node.setAttribute(name, dictionary[value]);
    }
  };
  const walk = node => {
    if (node.nodeType === Node.TEXT_NODE) { if (!node.parentElement?.closest('[contenteditable], textarea, .untold')) words(node); }
    else if (node.nodeType === Node.ELEMENT_NODE && !node.matches('textarea')) { element(node); node.childNodes.forEach(walk); }
  };
  walk(root);
  new MutationObserver(records => {
    for (const record of records) {
      if (record.type === 'attributes') element(record.target);
      else if (record.type === 'characterData') walk(record.target);
      else record.addedNodes.forEach(walk);
    }
  }).observe(root, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: names });
}
