// Whether the server answers. Who cannot reach it says so here; the page then says so too, asks until there is an answer, and brings up to
// date what it shows.

const askEvery = 1000;
const banner = document.querySelector('#connection');
const followers = new Set();
let away = false;
let asking = false;

export const isAway = () => away;

/** Calls `changed` when the connection is lost and when it is back. */
export const onConnection = changed => followers.add(changed);

/** The error of a request that did not reach the server, or whose answer did not come back. */
export function lost() {
  set(true);
  return Object.assign(new Error('No connection to the server. Try again when it is back.'), { away: true });
}

/** The server has answered. */
export const found = () => set(false);

/** Something broke off, which may be the connection. */
export async function check() {
  if (asking) return;
  asking = true;
  try {
    while (true) {
      if (await answers()) return set(false);
      set(true);
      await new Promise(resolve => setTimeout(resolve, askEvery));
    }
  } finally {
    asking = false;
  }
}

const answers = () => fetch('icon.svg', { method: 'HEAD', cache: 'no-store' }).then(() => true, () => false);

function set(isAway) {
  if (away === isAway) return;
  away = isAway;
  banner.hidden = !away;
  document.body.classList.toggle('away', away);
  for (const changed of followers) changed(away);
  if (away) check();
}

// What nobody waits for has failed with the connection: the banner tells of it, and it is done again when the server is back.
window.addEventListener('unhandledrejection', event => { if (event.reason?.away) event.preventDefault(); });
