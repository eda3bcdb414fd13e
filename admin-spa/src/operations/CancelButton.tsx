import { Button } from "@mantine/core";
import { IconBan } from "@tabler/icons-react";
import type { UseMutationResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ConfirmDialog } from "../parts/ConfirmDialog";

interface CancelButtonProps {
  /** Whether there is something to cancel. A question that was asked stays, with what was answered, when it goes. */
  offered: boolean;
  words: { button: string; title: string; submit: string; keep: string };
  sending: Pick<UseMutationResult<unknown, Error, void>, "mutate" | "reset" | "isPending" | "error">;
  /** What cancelling does to what is under way. */
  children: ReactNode;
}

/** Cancels work, after a question that says what becomes of it. */
export function CancelButton({ offered, words, sending, children }: CancelButtonProps) {
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  return (
    <>
      {offered && (
        <Button
          variant="default"
          style={{ alignSelf: "flex-start" }}
          leftSection={<IconBan size={16} aria-hidden />}
          onClick={() => {
            sending.reset();
            setAsking(true);
          }}
        >
          {words.button}
        </Button>
      )}
      <ConfirmDialog
        opened={asking}
        onClose={close}
        title={words.title}
        submit={words.submit}
        cancel={words.keep}
        pending={sending.isPending}
        error={sending.error}
        onConfirm={() => sending.mutate(undefined, { onSuccess: close })}
      >
        {children}
      </ConfirmDialog>
    </>
  );
}
