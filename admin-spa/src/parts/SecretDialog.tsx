import { Alert, Button, Checkbox, Modal, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { CommandLine } from "./CommandLine";
import { partsText } from "./text";

interface SecretDialogProps {
  title: string;
  /** What is shown once, each with its name: a key, and the line that sets it. Null closes the dialog. */
  secrets: readonly { name: string; value: string }[] | null;
  children?: ReactNode;
  /** Ends the showing. The caller forgets the secret here. */
  onClose: () => void;
  /** Names the button that ends it. */
  done: string;
}

/** Shows what cannot be shown again; it closes only after it was said to be kept. */
export function SecretDialog({ title, secrets, children, onClose, done }: SecretDialogProps) {
  const [kept, setKept] = useState(false);
  useEffect(() => {
    if (secrets === null) setKept(false);
  }, [secrets]);
  return (
    <Modal
      opened={secrets !== null}
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={kept}
      withCloseButton={kept}
      size="lg"
    >
      <Stack>
        <Alert variant="outline" color="var(--tone-orange)" role="note" icon={<IconKey aria-hidden />}>
          {partsText.once}
        </Alert>
        {secrets?.map(({ name, value }) => (
          <div key={name}>
            <Text size="sm" c="dimmed" mb={4}>
              {name}
            </Text>
            <CommandLine command={value} label={name} />
          </div>
        ))}
        {children}
        <Checkbox
          label={partsText.kept}
          checked={kept}
          onChange={(event) => setKept(event.currentTarget.checked)}
        />
        <Button disabled={!kept} onClick={onClose}>
          {done}
        </Button>
      </Stack>
    </Modal>
  );
}
