import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { createQueries } from "../src/queries";
import { renderPart } from "./render";

/** Renders one part that asks queries and holds links, without the console around it; waits until it is there. */
export async function renderQueried(part: ReactNode) {
  const root = createRootRoute({ component: () => <div data-testid="part">{part}</div> });
  const router = createRouter({
    routeTree: root,
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
  renderPart(
    <QueryClientProvider client={createQueries(() => {})}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
  await screen.findByTestId("part");
}
