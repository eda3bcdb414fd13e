import { Stack, Text, Title } from "@mantine/core";
import { ButtonLink } from "../parts/RouterLink";
import { loginText } from "./text";

/** Says that a link lost its secret on the way. */
export function NoToken() {
  return (
    <Stack align="flex-start">
      <Title order={2} size="h4">
        {loginText.noTokenTitle}
      </Title>
      <Text>{loginText.noToken}</Text>
      <ButtonLink to="/login" variant="default">
        {loginText.forgotten.back}
      </ButtonLink>
    </Stack>
  );
}
