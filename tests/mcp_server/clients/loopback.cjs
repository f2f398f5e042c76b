// Loaded into every Node that the tests start: what connects to another machine is refused, and
// noted in a file where the tests look for it.
"use strict";

const { appendFileSync } = require("node:fs");
const net = require("node:net");

const connect = net.Socket.prototype.connect;

function target(said) {
  // As Node's own callers pass it, as an object, or as a port (or a path) and a host.
  const first = Array.isArray(said[0]) ? said[0][0] : said[0];
  if (typeof first === "object") return first;
  return Number.isNaN(Number(first)) ? { path: first } : { port: first, host: said[1] };
}

net.Socket.prototype.connect = function (...said) {
  const { path, port, host = "localhost" } = target(said);
  if (!path && host !== "localhost" && host !== "::1" && !host.startsWith("127.")) {
    appendFileSync(process.env.OUTSIDE_CONNECTIONS, `${host}:${port}\n`);
    throw new Error(`a test may not connect to ${host}:${port}`);
  }
  return connect.apply(this, said);
};
