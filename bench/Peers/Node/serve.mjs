// One process of a peer: node serve.mjs PEER ADDRESS. It does what each line of its input asks for and answers with a line of JSON;
// at the end of its input it stops, and says how many jobs have run here.
import { createInterface } from 'node:readline';

const [, , peer, address] = process.argv;
const { open, work, versions } = await import(`./${peer}.mjs`);

// 200 bytes of JSON. One text for all jobs: making it is not what is measured.
const text = 'x'.repeat(182);
const note = (at) => ({ at, text });

// The monotonic clock, which all processes of a machine share.
const now = () => Number(process.hrtime.bigint());
const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let ran = 0;
let starts = [];
let drain = null;
let waiting = null;
let worker = null;

function ranOne(at) {
  if (at) {
    starts.push((now() - at) / 1000);
  }
  ran++;
  if (ran === drain?.from) {
    drain.began = now();
  }
  if (waiting && ran >= waiting.count) {
    waiting.reached(now());
    waiting = null;
  }
}

const whenRan = (count) => (ran >= count ? now() : new Promise((reached) => (waiting = { count, reached })));
const together = (callers, loop) => Promise.all(Array.from({ length: callers }, loop));

async function measured(enqueue) {
  const began = now();
  const jobs = await enqueue();
  return { jobs, seconds: (now() - began) / 1e9 };
}

// The queue is opened by the first call for it: a process that only works has none.
let opened = null;
const queue = () => (opened ??= open(address));

const commands = {
  async prepare() {
    await queue();
    return {};
  },

  // Each caller enqueues its next job when the last is acknowledged.
  async single(seconds, callers) {
    const { add } = await queue();
    return measured(async () => {
      const until = now() + seconds * 1e9;
      let jobs = 0;
      await together(callers, async () => {
        while (now() < until) {
          await add(note(0));
          jobs++;
        }
      });
      return jobs;
    });
  },

  async bulk(jobs, size, callers) {
    const { addMany } = await queue();
    return measured(async () => {
      let asked = 0;
      await together(callers, async () => {
        while (asked < jobs) {
          asked += size;
          await addMany(Array.from({ length: size }, () => note(0)));
        }
      });
      return asked;
    });
  },

  // One job and then nothing for a while, so that each meets an idle system.
  async rare(jobs, shortest, longest) {
    const { add } = await queue();
    for (let i = 0; i < jobs; i++) {
      await add(note(now()));
      await pause(shortest + Math.random() * (longest - shortest));
    }
    return { jobs };
  },

  // Starts the worker; the clock runs from the job of this number to the last one. Without numbers the worker only starts.
  async work(warmUp = 0, jobs = 0) {
    drain = { from: warmUp };
    worker = await work(address, ranOne);
    const ended = await whenRan(warmUp + jobs);
    return { jobs, seconds: (ended - (drain.began ?? ended)) / 1e9 };
  },

  // How long the last jobs took from the call that enqueued each to the first line of its handler.
  async starts(jobs) {
    await whenRan(ran - starts.length + jobs);
    const microseconds = starts;
    starts = [];
    return { microseconds };
  },
};

answer({ versions: { ...versions, 'Node.js': process.versions.node } });
for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...numbers] = line.split(' ');
  answer(await commands[command](...numbers.map(Number)));
}

await worker?.stop();
await (await opened)?.close();
answer({ ran });
process.exit(0);
