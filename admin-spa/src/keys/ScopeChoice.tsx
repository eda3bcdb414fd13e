import { Checkbox, Code, Stack, Text } from "@mantine/core";
import { scopes, scopeWords } from "../session/scopes";
import { useMay } from "../session/useMay";
import { keysText } from "./text";

const EVERYTHING = "*";

interface ScopeChoiceProps {
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
  error: string | undefined;
}

/** What a key may do, in plain words. What the maker may not do cannot be chosen. */
export function ScopeChoice({ chosen, onChange, error }: ScopeChoiceProps) {
  const may = useMay();
  const all = chosen.includes(EVERYTHING);
  const mayAll = scopes.every(may);
  return (
    <Stack gap="xs" role="group" aria-label={keysText.form.scopes}>
      {mayAll && (
        <Checkbox
          label={keysText.form.all}
          checked={all}
          onChange={(event) => onChange(event.currentTarget.checked ? [EVERYTHING] : [])}
        />
      )}
      {scopes.map((scope) => (
        <Checkbox
          key={scope}
          label={
            <>
              {scopeWords(scope)} <Code>{scope}</Code>
            </>
          }
          checked={all || chosen.includes(scope)}
          disabled={all || !may(scope)}
          onChange={(event) =>
            onChange(event.currentTarget.checked ? [...chosen, scope] : chosen.filter((one) => one !== scope))
          }
        />
      ))}
      {error && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {error}
        </Text>
      )}
    </Stack>
  );
}
