// Runs Azurite inside this process and ends it with its parent: the parent holds the other end of
// stdin, so closing it, or the parent's death however it comes, closes the stores in order.
"use strict";

process.stdin.resume();
process.stdin.once("end", () => process.emit("SIGTERM"));
process.stdin.once("error", () => process.emit("SIGTERM"));

// Ctrl+C in a terminal reaches every process of the group. The parent decides when storage ends: last.
process.on("SIGINT", () => {});
const once = process.once;
process.once = function (event, listener) {
  return event === "SIGINT" ? this : once.call(this, event, listener);
};

require("azurite/dist/src/azurite.js");
