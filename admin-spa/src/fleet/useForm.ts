import { type FormEvent, useEffect, useRef, useState } from "react";
import { asProblem, ProblemError } from "../api/problem";

type Values<Name extends string> = Readonly<Record<Name, string>>;
type Faults<Name extends string> = Partial<Record<Name, string>>;

interface FormOptions<Name extends string> {
  initial: Values<Name>;
  /** What is wrong before anything is sent, by field. */
  check: (values: Values<Name>) => Faults<Name>;
  /** What the server said to the last try; null before it. */
  error: unknown;
  /** Called with what was entered when nothing is wrong with it. */
  onSubmit: (values: Values<Name>) => void;
}

/** Sorts the server's errors by the fields of a form: `/members/1` belongs to `members`. */
function placeFaults<Name extends string>(problem: ProblemError | null, names: readonly Name[]) {
  const placed: Faults<Name> = {};
  const rest = [];
  for (const fault of problem?.errors ?? []) {
    const field = fault.pointer.replace(/^#/, "").split("/")[1];
    const name = names.find((one) => one === field);
    if (name === undefined) rest.push(fault);
    else placed[name] = [placed[name], fault.message].filter(Boolean).join(" ");
  }
  return { placed, rest };
}

/**
 * The fields of a form as text, with what is wrong with each: what `check` finds once somebody has tried to send it, and
 * what the server said until the field is changed. The first field in trouble takes the focus.
 */
export function useForm<Name extends string>({ initial, check, error, onSubmit }: FormOptions<Name>) {
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState<Values<Name>>(initial);
  const [edited, setEdited] = useState<readonly Name[]>([]);
  const [tried, setTried] = useState(false);
  const names = Object.keys(initial) as Name[];
  const problem = error === null || error === undefined ? null : asProblem(error);
  const { placed, rest } = placeFaults(problem, names);

  const focus = (faults: Faults<Name>) => {
    const first = names.find((name) => faults[name] !== undefined);
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
  };
  const focusRefused = useRef(() => {});
  focusRefused.current = () => focus(placed);
  useEffect(() => {
    if (error) focusRefused.current();
  }, [error]);

  return {
    form,
    values,
    /** Puts other values into all fields. */
    fill: setValues,
    set: (name: Name, value: string) => {
      setValues((before) => ({ ...before, [name]: value }));
      setEdited((before) => [...before, name]);
    },
    /** What is wrong with a field, or undefined. */
    faultOf: (name: Name): string | undefined =>
      (tried ? check(values)[name] : undefined) ?? (edited.includes(name) ? undefined : placed[name]),
    /** What the server refused that belongs to no field of the page. */
    rest:
      problem && (rest.length > 0 || Object.keys(placed).length === 0)
        ? new ProblemError({ ...problem, detail: problem.detail ?? problem.title, errors: rest })
        : null,
    submit: (event: FormEvent) => {
      event.preventDefault();
      setTried(true);
      const faults = check(values);
      if (Object.keys(faults).length > 0) return focus(faults);
      setEdited([]);
      onSubmit(values);
    },
  };
}
