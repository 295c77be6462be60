// A SCIM 2.0 service in memory: scimmy answers, this file only keeps what it is given.
//
//   SCIM_TOKEN=… node server.cjs    prints "listening on http://127.0.0.1:PORT/scim/v2" and ends with its standard input
//
// Packages are found through NODE_PATH. Requests are counted: GET /requests answers {"GET /Users": 12, …}.
"use strict";

const crypto = require("node:crypto");
const express = require("express");
const SCIMMY = require("scimmy");
const {default: SCIMMYRouters} = require("scimmy-routers");

const token = process.env.SCIM_TOKEN;

// What a list request needs. Pages come as scimmy documents it for large stores: an array of the whole length
// with nothing but the page in it, so that the server need not look at every resource for each page.
function page(kept, {startIndex = 1, count = 20} = {}) {
  const all = [...kept.values()];
  if (startIndex > 1 && startIndex <= count) return all;  // where that form is ambiguous
  const sparse = [];
  all.slice(startIndex - 1, startIndex - 1 + count).forEach((row, index) => { sparse[startIndex - 1 + index] = row; });
  sparse.length = all.length;
  return sparse;
}

// Keeps resources of one type in the order in which they came.
function store(Resource, prefix) {
  const kept = new Map();
  let last = 0;
  Resource.ingress((resource, data) => {
    const id = resource.id ?? `${prefix}-${++last}`;
    if (resource.id && !kept.has(id)) throw new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);
    const now = new Date().toISOString();
    const created = kept.get(id)?.meta.created ?? now;
    const row = {...JSON.parse(JSON.stringify(data)), id, meta: {created, lastModified: now}};
    kept.set(id, row);
    return row;
  });
  Resource.egress((resource) => {
    if (!resource.id) return page(kept, resource.constraints);
    if (kept.has(resource.id)) return kept.get(resource.id);
    throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
  });
  Resource.degress((resource) => {
    if (!kept.delete(resource.id)) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
  });
}

SCIMMY.Resources.declare(SCIMMY.Resources.User).extend(SCIMMY.Schemas.EnterpriseUser, false);
SCIMMY.Resources.declare(SCIMMY.Resources.Group);
store(SCIMMY.Resources.User, "user");
store(SCIMMY.Resources.Group, "group");

const requests = {};
const app = express();
app.get("/requests", (request, response) => response.json(requests));
app.use((request, response, next) => {
  const what = `${request.method} ${request.path.replace(/^\/scim\/v2/, "").replace(/^(\/\w+)\/.*/, "$1/ID")}`;
  requests[what] = (requests[what] ?? 0) + 1;
  next();
});
app.use("/scim/v2", new SCIMMYRouters({
  type: "bearer",
  handler: (request) => {
    const given = crypto.createHash("sha256").update(request.header("Authorization") ?? "").digest();
    const wanted = crypto.createHash("sha256").update(`Bearer ${token}`).digest();
    if (!crypto.timingSafeEqual(given, wanted)) throw new Error("Authorization not valid");
    return "nobody";
  },
  baseUri: (request) => `http://${request.header("Host")}`,
}));

const server = app.listen(0, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/scim/v2`);
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
