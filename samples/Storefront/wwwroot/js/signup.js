// Sign-up: the answer at once, the mail when its job is done.

import { get, post } from './http.js';
import { milliseconds, say } from './format.js';
import { follow, stateOf } from './jobs.js';

const form = document.querySelector('#signup-form');
const said = document.querySelector('#signup-said');

export function startSignUp() {
  form.addEventListener('submit', signUp);
}

async function signUp(event) {
  event.preventDefault();
  const { name, email } = Object.fromEntries(new FormData(form));
  const started = performance.now();
  try {
    const job = await post('/signup', { name, email });
    say(said, `You are in. Answered in ${milliseconds(performance.now() - started)}; the mail follows.`);
    follow(job.id, `Welcome mail to ${email}`, ended);
  } catch (error) {
    say(said, error.message, true);
  }
}

async function ended(job) {
  if (stateOf(job) !== 'succeeded') return;
  const mail = await get(`/mails/${job.id}`);
  for (const part of ['subject', 'from', 'to', 'text', 'file']) document.querySelector(`#mail-${part}`).textContent = mail[part];
  document.querySelector('#mail').hidden = false;
}
