import { Kbd, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useLive } from "../live/LiveProvider";
import type { Entry } from "../palette/entries";
import { paletteText } from "../palette/text";
import classes from "./CommandKeys.module.css";

const loadPalette = () => import("../palette/Palette");
const Palette = lazy(() => loadPalette().then((module) => ({ default: module.Palette })));
const KeysHelp = lazy(() => loadPalette().then((module) => ({ default: module.KeysHelp })));

type Open = "palette" | "keys" | null;

/** The button, the keys and the dialogs of the palette; what they need is loaded when they are first used. */
export function CommandKeys() {
  const [open, setOpen] = useState<Open>(null);
  const [isLoaded, setIsLoaded] = useState(false);
  const acts = useActs(() => setOpen("keys"));
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpen((before) => (before === "palette" ? null : "palette"));
        return;
      }
      const target = event.target instanceof Element ? event.target : null;
      const isTyping = target?.closest("input, textarea, select, [contenteditable]") !== null;
      if (event.key !== "?" || event.ctrlKey || event.metaKey || (target && isTyping)) return;
      event.preventDefault();
      setOpen("keys");
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  // The dialogs stay once they were used, so that they can close as they open.
  useEffect(() => {
    if (open !== null) setIsLoaded(true);
  }, [open]);
  const close = () => setOpen(null);
  return (
    <>
      <UnstyledButton
        className={classes.button ?? ""}
        onClick={() => setOpen("palette")}
        onMouseEnter={() => void loadPalette()}
        aria-keyshortcuts="Control+K Meta+K"
      >
        <IconSearch size={16} aria-hidden />
        <span className={classes.words}>{paletteText.open}</span>
        <Kbd size="xs" className={classes.key ?? ""} aria-hidden>
          Ctrl K
        </Kbd>
      </UnstyledButton>
      {isLoaded && (
        <Suspense>
          <Palette opened={open === "palette"} onClose={close} acts={acts} />
          <KeysHelp opened={open === "keys"} onClose={close} />
        </Suspense>
      )}
    </>
  );
}

/** What can be done without going anywhere. */
function useActs(showKeys: () => void): Entry[] {
  const { setColorScheme } = useMantineColorScheme();
  const { state, setPaused } = useLive();
  const { acts } = paletteText;
  const act = (id: string, label: string, also: string, run: () => void): Entry => ({
    id: `act ${id}`,
    group: "act",
    label,
    also,
    go: { act: run },
  });
  return [
    state === "paused"
      ? act("resume", acts.resume, "live stream", () => setPaused(false))
      : act("pause", acts.pause, "live stream", () => setPaused(true)),
    act("light", acts.light, "theme", () => setColorScheme("light")),
    act("dark", acts.dark, "theme", () => setColorScheme("dark")),
    act("auto", acts.auto, "theme", () => setColorScheme("auto")),
    act("keys", acts.keys, "help shortcuts", showKeys),
  ];
}
