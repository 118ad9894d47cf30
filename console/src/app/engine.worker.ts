/** The engine of the console, for the parts that explain and compare. One worker for all parts loads it once. */

import "@rolecall/react/admin/answers.worker.js";
import "@rolecall/react/admin/impact.worker.js";
