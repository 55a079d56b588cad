/* Seeded dice: the same seed rolls the same numbers in every browser.
 *
 *   const random = dice(7);
 *   random()          uniform in [0, 1)
 *   random.normal()   standard normal
 *   random.below(6)   a whole number from 0 to 5
 */

/* Mulberry32: uniform numbers from a state of 32 bits. */
export function dice(seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  /* Box and Muller make two at a time; the second waits for the next call. */
  let waiting = null;
  random.normal = () => {
    if (waiting !== null) {
      const kept = waiting;
      waiting = null;
      return kept;
    }
    const [length, angle] = [Math.sqrt(-2 * Math.log(1 - random())), 2 * Math.PI * random()];
    waiting = length * Math.sin(angle);
    return length * Math.cos(angle);
  };
  random.below = (count) => Math.floor(random() * count);
  return random;
}
