import { PgBoss } from 'pg-boss';
import { versionOf } from './version.mjs';

export const versions = { 'pg-boss': versionOf('pg-boss') };

const queue = 'note';

async function start(options) {
  const boss = new PgBoss(options);
  boss.on('error', console.error);
  await boss.start();
  return boss;
}

/** pg-boss in one of its two ways to hear of a job: told by the database, or by asking twice a second, which is the most it allows. */
export const pgBoss = ({ notify }) => ({
  // 20 connections: with 10 or with 64, the 64 callers enqueue no more.
  async open(connectionString) {
    const boss = await start({ connectionString, max: 20 });
    await boss.createQueue(queue, { notify });
    return {
      add: (note) => boss.send(queue, note),
      addMany: (notes) => boss.insert(queue, notes.map((data) => ({ data }))),
      close: () => boss.stop(),
    };
  },

  // The page "Workers" of its documentation: jobs in batches, and the next batch at once while they come back full.
  async work(connectionString, ran) {
    const boss = await start({ connectionString, useListenNotify: notify });
    await boss.work(queue, { batchSize: 500, localConcurrency: 2, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }, async (jobs) => {
      for (const job of jobs) {
        ran(job.data.at);
      }
    });
    return { stop: () => boss.stop() };
  },
});

export const { open, work } = pgBoss({ notify: true });
