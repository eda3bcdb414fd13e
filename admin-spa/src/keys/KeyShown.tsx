import { SecretDialog } from "../parts/SecretDialog";
import { keysText } from "./text";

interface KeyShownProps {
  name: string;
  /** The key itself, this once; null closes it. */
  secret: string | null;
  onClose: () => void;
}

/** Shows a key once, with the lines that use it. */
export function KeyShown({ name, secret, onClose }: KeyShownProps) {
  const origin = window.location.origin;
  return (
    <SecretDialog
      title={keysText.shown.title(name)}
      secrets={
        secret === null
          ? null
          : [
              { name: keysText.shown.key, value: secret },
              {
                name: keysText.shown.env,
                value: `export GATEWAY_URL=${origin} GATEWAY_API_KEY=${secret}`,
              },
              { name: keysText.shown.header, value: `authorization: Bearer ${secret}` },
            ]
      }
      done={keysText.shown.done}
      onClose={onClose}
    />
  );
}
