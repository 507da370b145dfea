// The keyboard in a server-drawn diagram: one Tab stop; arrows follow the flow, up and down go through
// the branches of a gateway, Home and End to the first and last step, Enter opens a process of its own.
// Every node carries its spoken name (data-says) and where it leads (data-to).
export function keyboard(svg) {
  const nodes = [...svg.querySelectorAll('.node')];
  if (!nodes.length) return;
  const byId = new Map(nodes.map(node => [node.dataset.id, node]));
  const onward = node => (node.dataset.to || '').split(' ').filter(id => byId.has(id));
  const back = id => nodes.filter(node => onward(node).includes(id)).map(node => node.dataset.id);

  svg.setAttribute('role', 'group');
  for (const node of nodes) {
    node.setAttribute('role', 'img');
    node.setAttribute('aria-label', node.dataset.says);
    node.setAttribute('tabindex', '-1');
  }
  const steps = nodes.filter(node => !node.classList.contains('frame'));
  const [first, last] = [steps[0] || nodes[0], steps[steps.length - 1] || nodes[0]];
  first.setAttribute('tabindex', '0');
  svg.parentElement.removeAttribute('tabindex');

  const beside = (id, step) => {
    const before = back(id)[0];
    const row = before ? onward(byId.get(before)) : nodes.filter(n => !back(n.dataset.id).length).map(n => n.dataset.id);
    return row[(row.indexOf(id) + step + row.length) % row.length];
  };
  const attached = id => nodes.filter(node => node.dataset.on === id).map(node => node.dataset.id);
  const moves = {
    ArrowRight: (id, node) => onward(node)[0] || attached(id)[0],
    ArrowLeft: (id, node) => back(id)[0] || node.dataset.on,
    ArrowDown: id => attached(id)[0] || beside(id, 1),
    ArrowUp: (id, node) => node.dataset.on || beside(id, -1),
    Home: () => first.dataset.id,
    End: () => last.dataset.id,
  };
  function go(node) {
    nodes.forEach(other => other.setAttribute('tabindex', other === node ? '0' : '-1'));
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  function open(process) {
    const figure = document.querySelector(`.picture[data-process="${CSS.escape(process)}"]`);
    const entry = figure && figure.querySelector('.node[tabindex="0"]');
    if (entry) { figure.hidden = false; entry.focus(); }
    return Boolean(entry);
  }
  svg.addEventListener('keydown', event => {
    const node = event.target.closest('.node');
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = moves[event.key];
    const to = move && byId.get(move(node.dataset.id, node));
    if (to) { go(to); event.preventDefault(); event.stopPropagation(); }
    else if (move) { event.preventDefault(); event.stopPropagation(); }
    else if (event.key === 'Enter' && node.dataset.calls && open(node.dataset.calls)) event.preventDefault();
  });
  svg.addEventListener('dblclick', event => {
    const node = event.target.closest('.node');
    if (node && node.dataset.calls) open(node.dataset.calls);
  });
}
