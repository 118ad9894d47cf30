// The engine of the parts that explain and compare, in a worker of the product's page.
import "@rolecall/react/admin/answers.worker.js";
import "@rolecall/react/admin/impact.worker.js";
