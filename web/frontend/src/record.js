// A recorded story on its diagrams: what waits is done by a click on it, or by Enter; where the case is, is said aloud.
import './diagram.js';

const acts = id => document.querySelector(`[data-acts="${CSS.escape(id)}"]`);

for (const svg of document.querySelectorAll('.stages .bpmn')) {
  for (const node of svg.querySelectorAll('.node')) if (acts(node.dataset.id)) node.classList.add('acts');
  const act = event => {
    const control = acts(event.target.closest('.node')?.dataset.id || '');
    if (!control) return false;
    control.click();
    return true;
  };
  svg.addEventListener('click', act);
  svg.addEventListener('keydown', event => { if (event.key === 'Enter' && act(event)) event.preventDefault(); });
}

// A status that stands in the page from the start is read by nobody: it is said once the page is there.
const standing = document.querySelector('[data-announce]');
if (standing) {
  const text = standing.textContent;
  standing.textContent = '';
  setTimeout(() => { standing.textContent = text; }, 100);
}
