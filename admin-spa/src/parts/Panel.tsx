import { Group, Paper, Text, Title } from "@mantine/core";
import { Component, type ReactNode, useId } from "react";
import { ProblemAlert } from "./ProblemAlert";
import { partsText } from "./text";

interface PanelProps {
  title: string;
  /** One sentence below the title. */
  hint?: ReactNode;
  /** Buttons at the end of the title's line. */
  actions?: ReactNode;
  /** Its heading's level; 2 below the page's heading. */
  order?: 2 | 3;
  /** Where links lead to. */
  id?: string;
  children: ReactNode;
}

/** A titled part of a page. One that cannot be shown leaves the rest of the page alive. */
export function Panel({ title, hint, actions, order = 2, id, children }: PanelProps) {
  const heading = useId();
  return (
    <Paper
      component="section"
      aria-labelledby={heading}
      withBorder
      p="lg"
      bg="var(--surface)"
      {...(id ? { id } : {})}
    >
      <Group justify="space-between" gap="sm" mb={hint ? 4 : "md"}>
        <Title order={order} size="h4" id={heading}>
          {title}
        </Title>
        {actions}
      </Group>
      {hint && (
        <Text size="sm" c="dimmed" mb="md" maw="44rem">
          {hint}
        </Text>
      )}
      <Boundary title={title}>{children}</Boundary>
    </Paper>
  );
}

/** Shows what went wrong in place of the part that threw. */
class Boundary extends Component<{ title: string; children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <ProblemAlert
        title={partsText.panelFailed(this.props.title)}
        error={this.state.error}
        onRetry={() => this.setState({ error: null })}
      />
    );
  }
}
