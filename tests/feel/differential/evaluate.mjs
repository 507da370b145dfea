// Evaluates FEEL expressions with the evaluator of form-js: {expressions, context} in, one outcome per expression out.
import { readFileSync } from 'node:fs';
import { evaluate } from '@bpmn-io/feelin';

const { expressions, context } = JSON.parse(readFileSync(0, 'utf8'));

function plain(value) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : { infinite: String(value) };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'function') return { function: true };
  if (typeof value === 'object' && typeof value.toISO === 'function') return { temporal: value.toISO() };
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return value;
}

const outcomes = expressions.map((expression) => {
  try {
    return { value: plain(evaluate(expression, context).value) };
  } catch (error) {
    return { error: String(error.message).slice(0, 120) };
  }
});

process.stdout.write(JSON.stringify(outcomes));
