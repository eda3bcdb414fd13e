import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createQueries } from "../src/queries";
import { createConsoleRouter } from "../src/router";
import { theme } from "../src/theme";

const Themed = ({ children }: { children: ReactNode }) => (
  <MantineProvider theme={theme} env="test">
    {children}
  </MantineProvider>
);

/** Renders one component, without pages around it. */
export const renderPart = (part: ReactNode) => render(<Themed>{part}</Themed>);

/** Starts the whole console at an address, with the sign-out rule `main.tsx` sets up. */
export function renderConsole(address: string) {
  const queries = createQueries(() => {
    const { pathname, href } = router.state.location;
    if (pathname !== "/login") void router.navigate({ to: "/login", search: { next: href } });
  });
  const router = createConsoleRouter(queries);
  router.update({
    ...router.options,
    history: createMemoryHistory({ initialEntries: [address] }),
    context: { queries },
  });
  render(
    <Themed>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Themed>,
  );
  return router;
}
