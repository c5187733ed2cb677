/** Gives a place back. Called twice it counts once. */
export type Leave = () => void;

interface Waiting {
  readonly units: number;
  readonly tell: (leave: Leave | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

/** Lets in as much as can be done at a time. The rest waits in its order, and only so many, and only for so long. */
export class Lane {
  #taken = 0;
  #turnedAway = 0;
  readonly #waiting = new Set<Waiting>();

  /**
   * @param capacity units that may be inside at a time
   * @param waitingMax how many may wait
   * @param waitMsMax how long each may wait
   */
  constructor(
    readonly capacity: number,
    readonly waitingMax: number,
    readonly waitMsMax: number,
  ) {}

  /** Units inside. */
  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** How many were not let in. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /**
   * @param units what it weighs; more than there are counts as all of them
   * @param tell called once: with what gives the place back, or with nothing when there was no place in time
   * @returns for whoever no longer wants to wait
   */
  enter(units: number, tell: (leave: Leave | undefined) => void): () => void {
    const weight = Math.min(Math.max(1, Math.ceil(units)), this.capacity);
    if (this.#waiting.size === 0 && this.#taken + weight <= this.capacity) {
      tell(this.#take(weight));
      return () => undefined;
    }
    if (this.#waiting.size >= this.waitingMax) {
      this.#turnedAway++;
      tell(undefined);
      return () => undefined;
    }
    const late = () => {
      this.#waiting.delete(one);
      this.#turnedAway++;
      tell(undefined);
      this.#admit();
    };
    const one: Waiting = { units: weight, tell, timer: setTimeout(late, this.waitMsMax) };
    this.#waiting.add(one);
    return () => {
      clearTimeout(one.timer);
      // What stood behind it may be light enough.
      if (this.#waiting.delete(one)) this.#admit();
    };
  }

  #take(units: number): Leave {
    this.#taken += units;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#taken -= units;
      this.#admit();
    };
  }

  /** In their order: a heavy one isn't overtaken by light ones for ever. */
  #admit(): void {
    for (const one of this.#waiting) {
      if (this.#taken + one.units > this.capacity) return;
      this.#waiting.delete(one);
      clearTimeout(one.timer);
      one.tell(this.#take(one.units));
    }
  }
}
