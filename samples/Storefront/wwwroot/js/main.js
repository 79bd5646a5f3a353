import { startTabs } from './tabs.js';
import { startJobs } from './jobs.js';
import { startShop } from './shop.js';
import { startSignUp } from './signup.js';
import { startImport } from './import.js';
import { startNotify } from './notify.js';
import { startCompare } from './compare.js';
import { startRide } from './ride.js';

startShop();
startSignUp();
startImport();
startNotify();
startCompare();
startRide();
startJobs();
startTabs();
