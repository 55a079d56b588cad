/* The two clouds on the line: two clumps each, of six points each. */

export const DOMAIN = [-4, 4];
export const SIDES = ["real", "generated"];
export const CLUMP = [-0.5, -0.3, -0.1, 0.1, 0.3, 0.5];

export const cloudOf = (centres) => centres.flatMap((centre) => CLUMP.map((each) => Number((centre + each).toFixed(6))));
