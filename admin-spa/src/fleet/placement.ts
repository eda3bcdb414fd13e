/** What placement asks of a pool or a database server. */
export interface Place {
  name: string;
  state: string;
  tenants: number;
  /** Null for any number. */
  capacity: number | null;
  /** A place with twice the weight takes twice the tenants. */
  weight: number;
}

/** Why a place is, or is not, the one. */
export type PlaceVerdict = "chosen" | "later" | "full" | "closed";

export interface RatedPlace<P extends Place> {
  place: P;
  verdict: PlaceVerdict;
  /** Tenants divided by weight: the fewest go first. */
  load: number;
}

/** The name of the place that the settings describe; it goes first among equals. */
const SETTINGS_PLACE = "default";

const hasRoom = (place: Place) => place.capacity === null || place.tenants < place.capacity;

/**
 * Where the next tenant goes if its creator names no place, in the order of preference: among the active ones with room the
 * one where tenants divided by weight are fewest. The gateway decides by the same rule when it places one.
 */
export function ratePlaces<P extends Place>(places: readonly P[]): RatedPlace<P>[] {
  const open = (place: P) => place.state === "active" && hasRoom(place);
  const load = (place: P) => place.tenants / place.weight;
  const sorted = [...places].sort(
    (a, b) =>
      Number(open(b)) - Number(open(a)) ||
      load(a) - load(b) ||
      Number(b.name === SETTINGS_PLACE) - Number(a.name === SETTINGS_PLACE) ||
      (a.name < b.name ? -1 : 1),
  );
  return sorted.map((place, index) => {
    const verdict = (): PlaceVerdict => {
      if (place.state !== "active") return "closed";
      if (!hasRoom(place)) return "full";
      return index === 0 ? "chosen" : "later";
    };
    return { place, verdict: verdict(), load: load(place) };
  });
}
