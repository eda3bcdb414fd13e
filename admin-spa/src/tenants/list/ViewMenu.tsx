import { ActionIcon, Menu, Text } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { asProblem } from "../../api/problem";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { useNotice } from "../../parts/Notices";
import { tenantsText } from "../text";
import { NameView } from "./NameView";
import { type EditView, type SavedView, useDeleteView, useEditView } from "./viewCalls";

const words = tenantsText.views;

interface ViewMenuProps {
  view: SavedView;
  /** The present filters as the API keeps them; null where they are the view's own, or cannot be kept. */
  present: string | null;
}

/** What can be done with a view of one's own. */
export function ViewMenu({ view, present }: ViewMenuProps) {
  const [asks, setAsks] = useState<"name" | "remove">();
  const edit = useEditView();
  const remove = useDeleteView();
  const notify = useNotice();
  const end = () => {
    setAsks(undefined);
    edit.reset();
    remove.reset();
  };
  const change = (changed: EditView) =>
    edit.mutate(
      { id: view.id, edit: changed },
      {
        onError: (error) =>
          notify({ tone: "red", message: `${words.changeFailed(view.name)}: ${asProblem(error).message}` }),
      },
    );
  return (
    <>
      <Menu position="bottom-start">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={24} aria-label={words.more(view.name)}>
            <IconDots size={14} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            onClick={() => {
              edit.reset();
              setAsks("name");
            }}
          >
            {words.rename}
          </Menu.Item>
          {present !== null && (
            <Menu.Item onClick={() => change({ query: present })}>{words.replace}</Menu.Item>
          )}
          <Menu.Item onClick={() => change({ shared: !view.shared })}>
            {view.shared ? words.stopSharing : words.startSharing}
          </Menu.Item>
          <Menu.Item color="red" onClick={() => setAsks("remove")}>
            {words.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <NameView
        opened={asks === "name"}
        onClose={end}
        title={words.renameTitle(view.name)}
        submit={words.renameSubmit}
        name={view.name}
        pending={edit.isPending}
        error={edit.error}
        onSave={({ name }) => edit.mutate({ id: view.id, edit: { name } }, { onSuccess: end })}
      />
      <ConfirmDialog
        opened={asks === "remove"}
        onClose={end}
        title={words.removeTitle(view.name)}
        submit={words.removeSubmit}
        cancel={words.removeCancel}
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(view.id, { onSuccess: end })}
      >
        <Text>{view.shared ? words.removeSharedBody : words.removeBody}</Text>
      </ConfirmDialog>
    </>
  );
}
