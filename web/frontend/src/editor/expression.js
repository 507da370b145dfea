// A FEEL field is read by the server while one types; what is wrong stands beneath the field.
import { ask, later, page } from './page.js';

const WAIT_MS = 450;

// problem: the <p> for the message; form: "expression" or "tests" (cells of a decision table)
export function checkLive(input, problem, form = 'expression') {
  let asked = 0;
  const check = later(WAIT_MS, async () => {
    const text = input.value.trim(), number = ++asked;
    if (!text) return tell('');
    try {
      const answer = await ask(page.expression, { text, form });
      if (number === asked) tell(answer.said);
    } catch { /* the verdict after saving says it, too */ }
  });
  function tell(said) {
    problem.textContent = said;
    problem.hidden = !said;
    if (said) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
  }
  input.addEventListener('input', check);
  if (input.value) check();
}
