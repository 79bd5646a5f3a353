import { Queue, Worker } from 'bullmq';
import { versionOf } from './version.mjs';

export const versions = { BullMQ: versionOf('bullmq'), ioredis: versionOf('ioredis') };

const name = 'note';

function connectionTo(address) {
  const { hostname, port } = new URL(address);
  return { host: hostname, port: Number(port) };
}

export async function open(address) {
  // "Going to production" asks for finished jobs to be removed; they stay for ever otherwise.
  const queue = new Queue(name, { connection: connectionTo(address), defaultJobOptions: { removeOnComplete: true, removeOnFail: true } });
  await queue.waitUntilReady();
  return {
    add: (note) => queue.add(name, note),
    addMany: (notes) => queue.addBulk(notes.map((data) => ({ name, data }))),
    close: () => queue.close(),
  };
}

// "Parallelism and concurrency": 100 to 300 is usual.
export async function work(address, ran) {
  const worker = new Worker(name, async (job) => ran(job.data.at), { connection: connectionTo(address), concurrency: 100 });
  worker.on('error', console.error);
  await worker.waitUntilReady();
  return { stop: () => worker.close() };
}
