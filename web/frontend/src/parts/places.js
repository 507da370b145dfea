// A button that writes where this device is into the field beside it, to about ten metres.
//
// The browser asks for leave at the click, never before; the place goes nowhere but into the field and its draft,
// where it can be read, changed and taken out before the form is sent. Without a position sensor or https the
// button stays away.

const PATIENCE_MS = 20000;
const DENIED = 1;

export function offerPlaces(form) {
  if (!navigator.geolocation || !window.isSecureContext) return;
  for (const line of form.querySelectorAll('[data-place]')) {
    const input = form.elements[line.dataset.place];
    const status = line.querySelector('[role=status]');
    const { waiting, noted, denied, failed } = line.dataset;
    line.hidden = false;
    line.querySelector('button').addEventListener('click', () => {
      status.textContent = waiting;
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        input.value = `${coords.latitude.toFixed(4)},${coords.longitude.toFixed(4)}`;
        input.dispatchEvent(new Event('input', { bubbles: true }));
        status.textContent = noted.replace('{metres}', Math.max(10, Math.round(coords.accuracy)));
      }, error => {
        status.textContent = error.code === DENIED ? denied : failed;
      }, { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 0 });
    });
  }
}
