import { pgBoss } from './pg-boss.mjs';

export { versions } from './pg-boss.mjs';
export const { open, work } = pgBoss({ notify: false });
