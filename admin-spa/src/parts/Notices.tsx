import { CloseButton, Portal, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import { createContext, type ReactNode, use, useCallback, useEffect, useRef, useState } from "react";
import { useAnnounce } from "./Announcer";
import classes from "./Notices.module.css";
import { partsText } from "./text";

/** Long enough to read two lines and reach a button (WCAG 2.2.1 lets it go because all of it is on the page too). */
const SHOWN_MS = 8_000;
const MOST = 3;

export interface Notice {
  tone: "green" | "blue" | "red";
  message: string;
  /** A link or a button, such as "Undo". */
  action?: ReactNode;
}

interface Shown extends Notice {
  id: number;
}

const NoticeContext = createContext<(notice: Notice) => void>(() => {});

/** Shows a short message in the corner for some seconds and says it through the page's live region. */
export const useNotice = () => use(NoticeContext);

const icons = { green: IconCircleCheck, blue: IconInfoCircle, red: IconAlertTriangle } as const;

/** Holds the messages all pages share. */
export function Notices({ children }: { children: ReactNode }) {
  const announce = useAnnounce();
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const last = useRef(0);
  const notify = useCallback(
    (notice: Notice) => {
      last.current += 1;
      const id = last.current;
      setShown((before) => [...before, { ...notice, id }].slice(-MOST));
      announce(notice.message);
    },
    [announce],
  );
  const drop = useCallback((id: number) => setShown((before) => before.filter((one) => one.id !== id)), []);
  return (
    <NoticeContext value={notify}>
      {children}
      {shown.length > 0 && (
        <Portal>
          <section className={classes.corner} aria-label={partsText.notices}>
            {shown.map((notice) => (
              <NoticeCard key={notice.id} notice={notice} onClose={drop} />
            ))}
          </section>
        </Portal>
      )}
    </NoticeContext>
  );
}

function NoticeCard({ notice, onClose }: { notice: Shown; onClose: (id: number) => void }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = window.setTimeout(() => onClose(notice.id), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [held, notice.id, onClose]);
  const NoticeIcon = icons[notice.tone];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hovering only keeps the message from leaving
    <div
      className={classes.card}
      data-tone={notice.tone}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <NoticeIcon size={18} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        <Text size="sm" className="wrap-anywhere">
          {notice.message}
        </Text>
        {notice.action}
      </div>
      <CloseButton size="sm" aria-label={partsText.dismiss} onClick={() => onClose(notice.id)} />
    </div>
  );
}
