// The English of the pages about shared pools. Numbers and names come in as arguments.
import type { MemberState, PoolState } from "./api";

const state: Record<PoolState, string> = {
  active: "Active",
  draining: "Draining",
  stopped: "Stopped",
  deleting: "Deleting",
};

const stateMeaning: Record<PoolState, string> = {
  active: "It takes new tenants and serves those it has.",
  draining: "It takes no new tenants and serves those it has.",
  stopped: "It takes no new tenants, and those it has get the 503 page.",
  deleting: "Its containers are being removed; it goes with the last of them.",
};

const memberState: Record<MemberState, string> = {
  starting: "Starting",
  healthy: "Answers",
  unhealthy: "Does not answer",
  stopped: "Stopped",
};

const tenants = (count: number) => `${count} ${count === 1 ? "tenant" : "tenants"}`;

export const text = {
  state,
  stateMeaning,
  memberState,
  list: {
    title: "Pools",
    intro: "A pool is a group of app containers or URLs that serves tenants of the tier shared.",
    create: "New pool",
    caption: "Pools",
    asCards: "Cards",
    asTable: "Table",
    viewLabel: "Show as",
    columns: {
      name: "Pool",
      state: "State",
      tenants: "Tenants",
      capacity: "Takes at most",
      weight: "Weight",
      load: "Tenants ÷ weight",
      members: "Members answering",
      created: "Made",
    },
    emptyTitle: "No pools yet",
    emptyBody:
      "A worker makes the pool of its settings known when it starts. Further pools are made here, for tenants of the tier shared.",
    cli: "gatewayctl pool create eu-1 --backend http://10.0.0.5:8080",
  },
  tenantsLabel: "Tenants",
  unlimited: "any number",
  fromSettings: "From the settings",
  fromSettingsMeaning: "A worker’s settings say where it is, so its members are not changed here.",
  managed: "Run by the gateway",
  share: (part: number, whole: number) => `${part} of ${whole}`,
  membersOf: (healthy: number, all: number) =>
    `${healthy} of ${all} ${all === 1 ? "member answers" : "members answer"}`,
  weight: (weight: number) => `weight ${weight}`,
  one: {
    facts: "Facts",
    fields: {
      state: "State",
      weight: "Weight",
      load: "Tenants ÷ weight",
      created: "Made",
      id: "Id",
      settings: "Where it is",
    },
    members: "Members",
    membersHint: "Where it answers. A worker asks each member every few seconds.",
    memberColumns: { url: "URL", state: "State", since: "Since", used: "Tenants", container: "Container" },
    notAsked: "not asked yet",
    used: "led there",
    unused: "not led there",
    noContainer: "not made yet",
    runs: (container: string, image: string) => `${container} runs ${image}`,
    noMembers: "It has no members.",
    containers: {
      title: "Containers",
      hint: "What its containers are made from. A change replaces them one after the other; one more than wanted runs meanwhile.",
      image: "Image",
      replicas: "Containers",
      answering: (healthy: number, wanted: number) => `${healthy} of ${wanted} answer`,
      port: "Port",
      memory: "Memory of each",
      cpus: "CPUs of each",
      pids: "Processes of each",
      asSettings: "as the settings say",
      environment: "Variables set",
      noVariables: "none",
      revision: "Wish made true",
      observed: (observed: number, revision: number) => `${observed} of ${revision}`,
    },
    noTenants: "No tenant is in this pool.",
    capacity: "Capacity",
    all: "All pools",
  },
  progress: {
    problem: "It is not as wished",
    retried: "A worker tries again by itself.",
    notRetried: "No worker tries again by itself: mend it, then choose “Look again”.",
    codes: "What the codes mean",
    moving: "A worker is making the last change true.",
    deleting: "A worker is taking its containers and its network away.",
  },
  actions: {
    label: "Actions",
    edit: "Edit",
    provision: "Look again",
    restart: "Restart…",
    drain: "Drain…",
    start: "Start",
    stop: "Stop…",
    delete: "Delete…",
    done: {
      drain: (name: string) => `${name} takes no new tenants.`,
      start: (name: string) => `${name} is active again.`,
      stop: (name: string) => `${name} is stopped.`,
      provision: (name: string) => `A worker looks at ${name}.`,
      restart: (name: string) => `The containers of ${name} are being replaced.`,
      delete: (name: string) => `${name} was deleted.`,
      deleting: (name: string) => `${name} is being deleted.`,
      create: (name: string) => `${name} was made.`,
      edit: (name: string) => `${name} was changed.`,
    },
  },
  drain: {
    title: (name: string) => `Drain ${name}?`,
    body: (count: number) =>
      `No new tenants are put into it. ${count === 0 ? "It has none" : `The ${tenants(count)} it has ${count === 1 ? "is" : "are"} served on`}; move them away to empty it.`,
    others: (names: readonly string[]) =>
      names.length > 0
        ? `New tenants go to ${names.join(", ")}.`
        : "No other active pool has room: creating a tenant of the tier shared will be refused.",
    submit: (name: string) => `Drain ${name}`,
    cancel: "Leave it active",
  },
  stop: {
    title: (name: string) => `Stop ${name}?`,
    body: (count: number) =>
      count === 0
        ? "It has no tenants, so nobody notices. It takes no new ones."
        : `The hosts of ${tenants(count)} answer with the 503 page until you start it again. Their data is not touched.`,
    submit: (name: string) => `Stop ${name}`,
    cancel: "Keep it serving",
  },
  restart: {
    title: (name: string) => `Restart ${name}?`,
    body: (count: number) =>
      `${count === 1 ? "Its container is" : `Its ${count} containers are`} replaced one after the other: a new one answers and is in use before an old one goes. Its tenants are served meanwhile.`,
    submit: (name: string) => `Restart ${name}`,
    cancel: "Leave it running",
  },
  remove: {
    title: (name: string) => `Delete ${name}?`,
    body: "The pool goes for good. Its members are not the gateway’s and run on.",
    managedBody: "The pool goes for good, and a worker takes its containers and its network away.",
    hasTenants: (count: number) =>
      `${tenants(count)} ${count === 1 ? "is" : "are"} in it, so the deletion will be refused: move them to another pool first.`,
    fromSettings: "A worker’s settings say where it is, so the deletion will be refused.",
    deletedOnes: "The rows of deleted tenants remember their pool too: one that ever had a tenant stays.",
    submit: (name: string) => `Delete ${name}`,
    cancel: "Keep it",
  },
  variables: {
    title: "Environment",
    hint: "Variables of the containers. Their values are sealed and never shown again.",
    hintKept:
      "The values of those that are set are never shown; set one again to replace it. Those you leave alone stay.",
    name: (place: number) => `Name of variable ${place}`,
    value: (place: number) => `Value of variable ${place}`,
    show: (place: number) => `Show the value of variable ${place}`,
    namePlaceholder: "NAME",
    valuePlaceholder: "value",
    add: "Add a variable",
    remove: (name: string) => `Take ${name} out of the form`,
    removeKept: (name: string) => `Remove ${name}`,
    nameWrong: (name: string) =>
      `“${name}” is no name of a variable: letters, digits and _, with no digit at the front, 100 at most.`,
    twice: (name: string) => `${name} is here twice.`,
    tooMany: (most: number) => `A pool has ${most} variables at most.`,
  },
  form: {
    createTitle: "New pool",
    editTitle: (name: string) => `Edit ${name}`,
    name: "Name",
    nameHint: "1 to 40 of a–z, 0–9 and hyphen. It can’t be changed later.",
    nameWrong: "1 to 40 of a–z, 0–9 and hyphen, with no hyphen at its ends.",
    kind: "Who runs its members",
    external: "Somebody else",
    externalHint: "You say where they answer.",
    managed: "The gateway",
    managedHint:
      "You name an image; a worker makes the containers, replaces them without a gap and mends them.",
    image: "Image",
    imageHint: "The engine must have it: workers do not pull.",
    imageUsual:
      "Empty for the one that the setting docker_app_image names. The engine must have it: workers do not pull.",
    imageWrong: "The name of an image: letters, digits and . _ : / @ -, 500 at most.",
    replicas: "Containers",
    replicasHint: "1 to 15.",
    port: "Port",
    memory: "Memory of each",
    cpus: "CPUs of each",
    pids: "Processes of each",
    emptySettings: "Empty for what the settings say.",
    outside: (least: number, most: number) => `A number from ${least} to ${most.toLocaleString("en")}.`,
    containersEffect: "What you change here has a worker replace the containers one after the other.",
    members: "Members",
    membersHint:
      "Where they answer, one URL a line, as Traefik and the tenant port reach them. Requests are spread over them.",
    membersMissing: "Enter at least one URL.",
    membersWrong: (line: string) => `“${line}” is no URL that begins with http:// or https://.`,
    membersFixed: "They are a setting of the worker.",
    capacity: "Takes at most",
    capacityUnit: "tenants",
    capacityHint: "Empty for any number.",
    capacityWrong: "A whole number from 0 to 1,000,000, or nothing.",
    weight: "Weight",
    weightHint:
      "A tenant whose creator names no pool goes where tenants divided by weight are fewest. 100 is usual.",
    weightWrong: "A whole number from 1 to 1,000.",
    membersEffect: "Requests go to the members at once; a look for drift leads Traefik there.",
    create: "Make the pool",
    save: "Save",
    cancel: "Cancel",
    failed: "That was not accepted",
  },
} as const;
