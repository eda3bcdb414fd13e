import type { RailEntry, SignedIn } from "../area";

export const operationRail: readonly RailEntry[] = [];

export const operationRoutes = (_signedIn: SignedIn) => [] as const;
