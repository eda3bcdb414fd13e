import { Stack, Text } from "@mantine/core";
import { text } from "./text";
import type { RouteExplanation } from "./types";

/** Why a request is answered so, each with what to do about it where something can be done. */
export function Reasons({ reasons }: { reasons: RouteExplanation["reasons"] }) {
  if (reasons.length === 0) return null;
  return (
    <Stack gap="sm">
      {reasons.map(({ code, message }) => (
        <div key={`${code}${message}`}>
          <Text className="wrap-anywhere">
            {message} <code>{code}</code>
          </Text>
          {text.advice[code] && (
            <Text size="sm" c="dimmed">
              {text.explain.whatToDo} {text.advice[code]}
            </Text>
          )}
        </div>
      ))}
    </Stack>
  );
}
