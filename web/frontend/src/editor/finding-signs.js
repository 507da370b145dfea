// A sign on every element with a finding, by shape, colour and character; a click leads to the words.
import { make, say } from './page.js';
import { byElement } from './findings.js';

class FindingSigns {
  constructor(overlays, elementRegistry, canvas, canvasKeyboard) {
    Object.assign(this, { overlays, elementRegistry, canvas, canvasKeyboard, found: new Map() });
  }

  count(id) { return (this.found.get(id) || []).length; }

  show(findings) {
    this.overlays.remove({ type: 'finding' });
    for (const id of this.found.keys()) if (this.elementRegistry.get(id)) { this.canvas.removeMarker(id, 'has-error'); this.canvas.removeMarker(id, 'has-remark'); }
    this.found = byElement(findings);
    for (const [id, mine] of this.found) this.sign(id, mine);
    this.canvasKeyboard.later();
  }

  sign(id, mine) {
    const element = this.elementRegistry.get(id);
    if (!element) return;
    const bad = mine.some(finding => finding.severity === 'error');
    this.canvas.addMarker(id, bad ? 'has-error' : 'has-remark');
    const html = make('button', { type: 'button', tabindex: '-1', class: `sign ${bad ? 'error' : 'warning'}`, title: mine.map(finding => finding.said).join('\n'),
      'aria-label': say('%(count)s findings', { count: mine.length }), onclick: () => {
        const item = document.querySelector(`#findings-list [data-element="${CSS.escape(id)}"]`);
        item?.scrollIntoView({ block: 'nearest' });
        item?.querySelector('button')?.focus();
      } }, `${bad ? '!' : '?'}${mine.length > 1 ? mine.length : ''}`);
    const position = element.waypoints ? { top: -12, left: 0 } : { top: -12, right: 12 };
    this.overlays.add(id, 'finding', { position, html, show: { minZoom: 0.2 } });
  }
}
FindingSigns.$inject = ['overlays', 'elementRegistry', 'canvas', 'canvasKeyboard'];

export default { __init__: ['findingSigns'], findingSigns: ['type', FindingSigns] };
