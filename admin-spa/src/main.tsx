import "./styles";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { isClosed } from "./login/isClosed";
import { createQueries } from "./queries";
import { createConsoleRouter } from "./router";
import { colorSchemeManager, theme } from "./theme";

const queries = createQueries(() => {
  const { pathname, href } = router.state.location;
  if (isClosed(pathname)) return;
  void router.navigate({ to: "/login", search: { next: href, over: true }, replace: true });
});
const router = createConsoleRouter(queries);

// The code of the page that was asked for loads while it is asked who is signed in.
const [pages] = router.getMatchedRoutes(window.location.pathname);
for (const page of pages) void router.loadRouteChunk(page);

// The first drawing is that of the page: one before would show nothing, and cost as much. Not awaited by this module, which
// the code of pages imports from.
const draw = () => {
  const container = document.getElementById("root");
  if (!container) return;
  createRoot(container).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        // They stand in variables.css.
        withCssVariables={false}
        colorSchemeManager={colorSchemeManager}
        defaultColorScheme="auto"
      >
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
};
router.load().then(draw, draw);
