import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { versionOf } from './version.mjs';

export const versions = { 'Graphile Worker': versionOf('graphile-worker') };

// It says each connection and job on the standard output, which is for answers here.
const logger = new Logger(() => () => {});

// 20 connections: with 10 or with 64, the 64 callers enqueue no more.
export async function open(connectionString) {
  const utils = await makeWorkerUtils({ connectionString, logger, maxPoolSize: 20 });
  await utils.migrate();
  return {
    add: (note) => utils.addJob('note', note),
    addMany: (notes) => utils.addJobs(notes.map((payload) => ({ identifier: 'note', payload }))),
    close: () => utils.release(),
  };
}

// The configuration of the page "Performance" of its documentation: 24 jobs at once, a local queue of 500, completions in batches.
export async function work(connectionString, ran) {
  const runner = await run({
    preset: {
      worker: { connectionString, logger, concurrentJobs: 24, maxPoolSize: 25, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    },
    noHandleSignals: true,
    taskList: { note: async (payload) => ran(payload.at) },
  });
  return { stop: () => runner.stop() };
}
