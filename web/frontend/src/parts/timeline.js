// The bars of the timeline as they stand at a moment: still to come, lasting, or over.
const bars = [...document.querySelectorAll('.timeline .bar')].map(bar => [bar, +bar.dataset.begun, +bar.dataset.ended || Infinity]);

export function drawTime(at) {
  for (const [bar, begun, ended] of bars) {
    bar.classList.toggle('later', begun > at);
    bar.classList.toggle('open', begun <= at && at < ended);
  }
}
