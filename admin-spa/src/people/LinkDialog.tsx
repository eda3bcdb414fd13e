import { Button, Modal, Stack, Text } from "@mantine/core";
import type { Link } from "../api/types";
import { SecretDialog } from "../parts/SecretDialog";
import { TimeAgo } from "../parts/TimeAgo";
import { peopleText } from "./text";

const words = peopleText.link;

interface LinkDialogProps {
  title: string;
  email: string;
  /** Null closes it. */
  link: Link | null;
  onClose: () => void;
}

/** Says that a link went by mail, or shows it once where this gateway sends none. */
export function LinkDialog({ title, email, link, onClose }: LinkDialogProps) {
  const until = link && (
    <Text size="sm" c="dimmed">
      {words.until} <TimeAgo at={link.expires_at} />
    </Text>
  );
  return (
    <>
      <Modal opened={link !== null && link.url === null} onClose={onClose} title={title}>
        <Stack>
          <Text className="wrap-anywhere">{words.sent(email)}</Text>
          {until}
          <Button onClick={onClose} data-autofocus>
            {words.done}
          </Button>
        </Stack>
      </Modal>
      <SecretDialog
        title={title}
        secrets={link?.url ? [{ name: words.name, value: link.url }] : null}
        done={words.done}
        onClose={onClose}
      >
        <Text size="sm">{words.once}</Text>
        {until}
      </SecretDialog>
    </>
  );
}
