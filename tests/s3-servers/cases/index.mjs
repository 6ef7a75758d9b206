// What is tried on every server, in the order of the table.
import { conditional } from "./conditional.mjs";
import { expired } from "./expired.mjs";
import { keys } from "./keys.mjs";
import { refusals } from "./refusals.mjs";
import { resume } from "./resume.mjs";
import { uploads } from "./uploads.mjs";

/**
 * @typedef {object} Case
 * @property {string} id
 * @property {string} title a row of the table
 * @property {(world: import("../world.mjs").World) => Promise<import("../results.mjs").Cell>} run fails by throwing when
 *   Sealift does wrong; `works: false` is what this server cannot do, `note` says why and what becomes of the file;
 *   `tried: false` what there was no use in trying
 */

/** @type {{ title: string, cases: Case[] }[]} */
export const GROUPS = [
  { title: "The page uploads, way × `integrity`", cases: uploads },
  { title: "What was signed binds", cases: refusals },
  { title: "Resume and abort", cases: resume },
  { title: "Names", cases: keys },
  { title: "Conditional writes", cases: conditional },
  { title: "Expired signatures", cases: expired },
];
