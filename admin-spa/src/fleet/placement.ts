/** What placement asks of a pool or a database server. */
export interface Place {
  name: string;
  state: string;
  tenants: number;
  /** Null for any number. */
  capacity: number | null;
  /** A place with twice the weight takes twice the tenants. */
  weight: number;
  /** Where a pool answers. One without a member gets no tenant whose creator names no pool. */
  members?: readonly string[];
  /** No worker can place anything there. */
  unheld?: boolean;
  /** It was not reached lately: it comes after all that were. */
  resting?: boolean;
}

/** Why a place is, or is not, the one. */
export type PlaceVerdict = "chosen" | "later" | "full" | "unready" | "closed";

export interface RatedPlace<P extends Place> {
  place: P;
  verdict: PlaceVerdict;
  /** Tenants divided by weight: the fewest go first. */
  load: number;
}

/** The name of the place that the settings describe; it goes first among equals. */
const SETTINGS_PLACE = "default";

const isReady = (place: Place) => place.members?.length !== 0 && !place.unheld;
const hasRoom = (place: Place) => place.capacity === null || place.tenants < place.capacity;

/**
 * Where the next tenant goes if its creator names no place, in the order of preference: among the active ones with room the
 * one where tenants divided by weight are fewest, and one that was not reached lately after the others. The gateway decides by the same rule when it places one.
 */
export function ratePlaces<P extends Place>(places: readonly P[]): RatedPlace<P>[] {
  const open = (place: P) => place.state === "active" && isReady(place) && hasRoom(place);
  const load = (place: P) => place.tenants / place.weight;
  const sorted = [...places].sort(
    (a, b) =>
      Number(open(b)) - Number(open(a)) ||
      Number(a.resting ?? false) - Number(b.resting ?? false) ||
      load(a) - load(b) ||
      Number(b.name === SETTINGS_PLACE) - Number(a.name === SETTINGS_PLACE) ||
      (a.name < b.name ? -1 : 1),
  );
  return sorted.map((place, index) => {
    const verdict = (): PlaceVerdict => {
      if (place.state !== "active") return "closed";
      if (!isReady(place)) return "unready";
      if (!hasRoom(place)) return "full";
      return index === 0 ? "chosen" : "later";
    };
    return { place, verdict: verdict(), load: load(place) };
  });
}
