import { Button, Group, Paper, Stack } from "@mantine/core";
import type { FormEvent, ReactNode, RefObject } from "react";
import type { ProblemError } from "../api/problem";
import { ProblemAlert } from "../parts/ProblemAlert";

interface FormFrameProps {
  of: {
    form: RefObject<HTMLFormElement | null>;
    submit: (event: FormEvent) => void;
    /** What the server refused that belongs to no field. */
    rest: ProblemError | null;
  };
  /** Says that what was sent was refused. */
  failed: string;
  pending: boolean;
  submit: string;
  /** The way out. */
  cancel: ReactNode;
  /** The fields. */
  children: ReactNode;
  /** Between the fields and the buttons: what there is to say of them all. */
  notes?: ReactNode;
  /** Below the buttons. */
  after?: ReactNode;
}

/** What surrounds the fields of a form that is bound to `useForm`. */
export function FormFrame(props: FormFrameProps) {
  const { of, failed, pending, submit, cancel, children, notes, after } = props;
  return (
    <Paper withBorder p="lg" maw="42rem" bg="var(--surface)">
      <form ref={of.form} onSubmit={of.submit} noValidate>
        <Stack gap="lg">
          {children}
          {of.rest && <ProblemAlert title={failed} error={of.rest} />}
          {notes}
          <Group>
            <Button type="submit" loading={pending}>
              {submit}
            </Button>
            {cancel}
          </Group>
          {after}
        </Stack>
      </form>
    </Paper>
  );
}
