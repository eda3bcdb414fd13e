import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Route = Schemas["Route"];
export type RouteState = Route["state"];
export type RouteView = Schemas["RouteView"];
export type RouteServer = Schemas["RouteServer"];
export type RouteDifference = Schemas["RouteDifference"];
export type RouteExplanation = Schemas["RouteExplanation"];
export type RouteCause = RouteExplanation["reasons"][number]["code"];
export type TraefikSight = Schemas["TraefikSight"];
export type TraefikHealth = Schemas["TraefikHealth"];
export type RouteTest = Schemas["RouteTest"];
export type RouteTestReply = Schemas["RouteTestReply"];
export type TestRoute = Schemas["TestRoute"];
