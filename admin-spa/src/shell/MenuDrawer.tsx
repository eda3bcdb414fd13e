import { Drawer } from "@mantine/core";
import { Rail } from "./Rail";
import { shellText } from "./text";

/** The rail of a narrow window, which the button in the header opens. */
export function MenuDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      title={shellText.menu}
      size="17rem"
      closeButtonProps={{ "aria-label": shellText.closeMenu }}
    >
      <Rail onGo={onClose} />
    </Drawer>
  );
}
